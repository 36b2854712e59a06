/**
 * The content of a report. Parts are optional: without training there are no curves, without quantising
 * no int8.
 * @module
 */
import type { Agreement } from '../evaluate/compare.ts';
import type { TableRow } from '../evaluate/ensemble.ts';
import type { Metrics } from '../evaluate/metrics.ts';
import type { MultiLabelMetrics } from '../evaluate/multi-label.ts';
import type { EpochLog } from '../run/epoch-log.ts';

/** An image in the report. */
export interface ReportImage {
  /** Its path within the data set. */
  readonly name: string;
  /** Bytes of a small JPEG. */
  readonly thumbnail?: Uint8Array;
}

/** The metrics of a multi-label package. */
export interface MultiLabelResult {
  readonly float?: MultiLabelMetrics;
  readonly int8?: MultiLabelMetrics;
  /** Mean overlap of the labels of both; see `agreementOf`. */
  readonly agreement?: number;
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
  /** Time of the report, ISO 8601. */
  readonly created: string;
  /** Name of the measured images: `flowers/val`. */
  readonly data?: string;
  /** Names of the classes, in the order of the network's outputs. */
  readonly classes: readonly string[];
  /** One entry per epoch, in order. */
  readonly curves?: readonly EpochLog[];
  readonly float?: Metrics;
  readonly int8?: Metrics;
  /** Of a multi-label package, instead of `float`, `int8` and `agreement`. */
  readonly multiLabel?: MultiLabelResult;
  /** Comparison of float32 and int8 on the same images. */
  readonly agreement?: Agreement;
  /** Error for each number of models and crops. */
  readonly table?: readonly TableRow[];
  /** The images of `mistakes` and `differences`, by index. */
  readonly images?: ReadonlyMap<number, ReportImage>;
  readonly facts?: readonly ReportFacts[];
}

/** The metrics that details are shown of: int8, which the edge serves, if it was measured. */
export function mainMetrics({
  float,
  int8,
}: ReportData): { readonly precision: 'float32' | 'int8'; readonly metrics: Metrics } | undefined {
  if (int8) return { precision: 'int8', metrics: int8 };
  return float ? { precision: 'float32', metrics: float } : undefined;
}
