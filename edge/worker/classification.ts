/**
 * From an encoded image to labels, without HTTP.
 * @module
 */
import type { DecodeArena } from '@hebb/decode/arena';
import { decodeInput } from '@hebb/decode/decode';
import { checkMemory, type DecodePlan, planDecode } from '@hebb/decode/plan';
import type { Classification } from '@hebb/protocol/api/classification';
import type { EngineName } from '@hebb/protocol/api/options';
import { labelsOf, predictionsOf, round } from '@hebb/protocol/api/predictions';
import type { MemoryBudget } from './concurrency/memory-budget.ts';
import type { KeepAlive } from './concurrency/single-flight.ts';
import { type LoadedModel, PRECISION } from './models/loaded-model.ts';

export type { Classification };

/** A cached answer as it is sent again. */
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
  readonly #arena: DecodeArena;
  readonly #memory: MemoryBudget;
  readonly #now: () => number;

  /**
   * @param memory the budget of the arena and of decoded pixels
   * @param now a clock in ms
   */
  constructor(arena: DecodeArena, memory: MemoryBudget, now: () => number) {
    this.#arena = arena;
    this.#memory = memory;
    this.#now = now;
  }

  /**
   * Decodes and preprocesses as soon as the memory is free. Throws `unsupported_format`,
   * `broken_image`, `image_too_large`, `overloaded`, or the signal's reason.
   * @param options.plan the image's plan, where its header has been read already
   */
  async pixels(
    image: Uint8Array<ArrayBuffer>,
    { preprocessing }: LoadedModel['manifest'],
    { plan: known, signal }: { plan?: DecodePlan | undefined; signal?: AbortSignal } = {},
  ): Promise<Pixels> {
    const plan = known ?? planDecode(image, preprocessing.resize);
    checkMemory(plan, this.#arena.maxBytes);
    const need = { bytes: preprocessing.crop ** 2 * 3, sharedBytes: plan.bytes };
    const decode = async () => {
      const start = this.#now();
      const data = await decodeInput(image, plan, this.#arena, preprocessing);
      return { data, decodeMs: this.#now() - start };
    };
    return await this.#memory.use(need, decode, signal);
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
      tier: 'edge',
      why: options.why,
      top: options.top,
      precision: PRECISION[options.engine],
      decodeMs: pixels.decodeMs,
      inferMs,
    });
  }
}

/** The answer for these probabilities, [classes]. */
export function classificationOf(
  manifest: LoadedModel['manifest'],
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
  const { name, version } = manifest;
  const labels = labelsOf(manifest, probabilities);
  return {
    model: { name, version, precision },
    tier,
    why,
    predictions: predictionsOf(manifest.labels, probabilities, options.top),
    ...(labels && { labels }),
    timing: { decode_ms: round(options.decodeMs, 10), infer_ms: round(options.inferMs, 10) },
  };
}
