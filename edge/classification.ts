/**
 * From an encoded image to labels: the whole job, without HTTP.
 * @module
 */
import type { Classification } from '../shared/model/api/classification.ts';
import type { EngineName } from '../shared/model/api/options.ts';
import { predictionsOf, round } from '../shared/model/api/predictions.ts';
import type { Preprocessing } from '../shared/model/preprocess/preprocessing.ts';
import type { MemoryBudget, Need } from './concurrency/memory-budget.ts';
import type { KeepAlive } from './concurrency/single-flight.ts';
import { type LoadedModel, PRECISION } from './models/loaded-model.ts';

export type { Classification };

/** Encoded images to pixels. */
export interface ImageDecoder {
  /** Reads the header alone. Throws for what is no image, and for one that takes too much memory. */
  prepare(image: Uint8Array<ArrayBuffer>, preprocessing: Preprocessing): PreparedImage;
}

export interface PreparedImage {
  /** Memory that decoding will take. */
  readonly need: Need;
  /** Decodes and preprocesses: uint8 RGB [crop, crop, 3]. */
  decode(): Promise<Uint8Array>;
}

/** An answer that was given before, as it is given again. */
export const fromCache = <Answer extends Pick<Classification, 'timing'>>(answer: Answer) => ({
  ...answer,
  timing: { decode_ms: 0, infer_ms: 0 },
  cached: true as const,
});

export interface Pixels {
  /** uint8 RGB [crop, crop, 3]. */
  readonly data: Uint8Array;
  readonly decodeMs: number;
}

export class Classifier {
  readonly #decoder: ImageDecoder;
  readonly #memory: MemoryBudget;
  readonly #now: () => number;

  /**
   * @param memory the budget that decoding stays in
   * @param now a clock in ms
   */
  constructor(decoder: ImageDecoder, memory: MemoryBudget, now: () => number) {
    this.#decoder = decoder;
    this.#memory = memory;
    this.#now = now;
  }

  /** Decodes and preprocesses, when the memory for it is free. */
  async pixels(
    image: Uint8Array<ArrayBuffer>,
    { preprocessing }: LoadedModel['manifest'],
    signal?: AbortSignal,
  ): Promise<Pixels> {
    const prepared = this.#decoder.prepare(image, preprocessing);
    const decode = async () => {
      const start = this.#now();
      const data = await prepared.decode();
      return { data, decodeMs: this.#now() - start };
    };
    return await this.#memory.use(prepared.need, decode, signal);
  }

  /** The `top` best predictions, best first. */
  async predict(
    model: LoadedModel,
    pixels: Pixels,
    options: {
      readonly engine: EngineName;
      readonly top: number;
      readonly keepAlive: KeepAlive;
      readonly why: string;
    },
  ): Promise<Classification> {
    await model.load(options.engine, options.keepAlive);
    const start = this.#now();
    const probabilities = await model.classify(options.engine, pixels.data, options.keepAlive);
    const inferMs = this.#now() - start;
    return classificationOf(model.manifest, probabilities, {
      ...{ tier: 'edge', why: options.why, top: options.top },
      ...{ precision: PRECISION[options.engine], decodeMs: pixels.decodeMs, inferMs },
    });
  }
}

/** The answer that probabilities, [classes], make. */
export function classificationOf(
  { name, version, labels }: LoadedModel['manifest'],
  probabilities: Float32Array,
  options: {
    readonly top: number;
    readonly tier: 'edge' | 'gpu';
    readonly why: string;
    readonly precision: string;
    readonly decodeMs: number;
    readonly inferMs: number;
  },
): Classification {
  const { tier, why, precision } = options;
  return {
    model: { name, version, precision },
    tier,
    why,
    predictions: predictionsOf(labels, probabilities, options.top),
    timing: { decode_ms: round(options.decodeMs, 10), infer_ms: round(options.inferMs, 10) },
  };
}
