/**
 * What a report can tell. Every part may be missing: there are no curves without training, and no
 * int8 before quantising.
 * @module
 */
import type { Agreement } from '../evaluate/compare.ts';
import type { Metrics } from '../evaluate/metrics.ts';
import type { EpochLog } from '../train/epoch-log.ts';

/** An image that the report shows. */
export interface ReportImage {
  /** How it is called: its path within the data set. */
  readonly name: string;
  /** Bytes of a small JPEG. */
  readonly thumbnail?: Uint8Array;
}

/** Names and values under a heading: the configuration, the machine. */
export interface ReportFacts {
  readonly title: string;
  readonly rows: readonly (readonly [name: string, value: string])[];
}

export interface ReportData {
  readonly title: string;
  /** A sentence below the title. */
  readonly subtitle?: string;
  /** When the report was made, ISO 8601. */
  readonly created: string;
  /** What the images are that were measured on: `flowers/val`. */
  readonly data?: string;
  /** Names of the classes, in the order of the network's outputs. */
  readonly classes: readonly string[];
  /** One entry per epoch, in order. */
  readonly curves?: readonly EpochLog[];
  readonly float?: Metrics;
  readonly int8?: Metrics;
  /** How float32 and int8 compare on the same images. */
  readonly agreement?: Agreement;
  /** The images that `mistakes` and `differences` speak of, by their index. */
  readonly images?: ReadonlyMap<number, ReportImage>;
  readonly facts?: readonly ReportFacts[];
}

/** What details are shown of: int8, which the edge serves, where it was measured. */
export function mainMetrics({
  float,
  int8,
}: ReportData): { readonly precision: 'float32' | 'int8'; readonly metrics: Metrics } | undefined {
  if (int8) return { precision: 'int8', metrics: int8 };
  return float ? { precision: 'float32', metrics: float } : undefined;
}
