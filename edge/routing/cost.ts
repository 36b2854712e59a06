/**
 * What an image takes at the edge, from its header: CPU time is not measured there, since Cloudflare
 * stops the clock while code runs. Figures are on the slow side; docs/benchmarks.md has the measured.
 * @module
 */

import { checkMemory, planDecode } from '../../shared/decode/plan.ts';
import { HebbError } from '../../shared/model/errors.ts';
import type { Preprocessing } from '../../shared/model/index.ts';
import type { EngineName } from '../engine/engine.ts';
import type { Form } from '../gpu/chunk.ts';

export interface ImageCost {
  /** Millions of pixels of the file. */
  readonly megapixels: number;
  /** CPU time at the edge, ms. */
  readonly decodeMs: number;
  /** `image_too_large`, where it is for the edge. */
  readonly obstacle: HebbError | undefined;
  /** How it travels to the GPU tier. */
  readonly form: Form;
}

/** One image through the network, ms. */
export const INFER_MS: Record<EngineName, number> = { int8: 25, tfjs: 100 };

const DECODE_MS = 2;
const DECODE_MS_PER_MEGAPIXEL = 12;

/**
 * From so many megapixels on the GPU tier decodes better: in several threads, and not on
 * this isolate's one. What is smaller travels as pixels.
 */
const LARGE_MEGAPIXELS = 0.06;

/** Throws what `planDecode` does: neither tier could decode such a file. */
export function imageCost(
  image: Uint8Array,
  { resize }: Preprocessing,
  decodingBytes: number,
): ImageCost {
  const plan = planDecode(image, resize);
  const megapixels = (plan.header.width * plan.header.height) / 1e6;
  let obstacle: HebbError | undefined;
  try {
    checkMemory(plan, decodingBytes);
  } catch (error) {
    if (!(error instanceof HebbError)) throw error;
    obstacle = error;
  }
  return {
    megapixels,
    decodeMs: DECODE_MS + DECODE_MS_PER_MEGAPIXEL * megapixels,
    obstacle,
    form: obstacle || megapixels > LARGE_MEGAPIXELS ? 'encoded' : 'pixels',
  };
}
