/**
 * What an image takes at the edge, from its header: CPU time is not measured there, since Cloudflare
 * stops the clock while code runs. Figures are on the slow side; docs/benchmarks.md has the measured.
 * @module
 */

import { heicPixels, isHeic } from '../../shared/decode/heic.ts';
import { checkMemory, type DecodePlan, planDecode } from '../../shared/decode/plan.ts';
import { readAsText } from '../../shared/decode/sniff.ts';
import { HebbError } from '../../shared/model/errors.ts';
import type { Preprocessing } from '../../shared/model/index.ts';
import type { EngineName } from '../engine/engine.ts';
import type { Form } from '../gpu/chunk.ts';

export interface ImageCost {
  /** Millions of pixels of the file. */
  readonly megapixels: number;
  /** CPU time at the edge, ms. */
  readonly decodeMs: number;
  /** Why only the GPU tier can decode it: `image_too_large`, or `unsupported_format` of HEIC. */
  readonly obstacle: HebbError | undefined;
  /** What decoding adds to the GPU tier's usual time, whole ms: 0 for what the edge could decode too. */
  readonly gpuDecodeMs: number;
  /** How it travels to the GPU tier. */
  readonly form: Form;
}

/** One image through the network, ms. */
export const INFER_MS: Record<EngineName, number> = { int8: 25, tfjs: 100 };

const DECODE_MS = 2;
const DECODE_MS_PER_MEGAPIXEL = 12;

/** By libheif's WebAssembly, whose HEVC decoder has neither threads nor SIMD. */
const HEIC_MS_PER_MEGAPIXEL = 150;

/**
 * From so many megapixels on the GPU tier decodes better: in several threads, and not on
 * this isolate's one. What is smaller travels as pixels.
 */
const LARGE_MEGAPIXELS = 0.06;

/** Throws what `planDecode` does, but of HEIC: neither tier could decode such a file. */
export function imageCost(
  image: Uint8Array,
  { resize }: Preprocessing,
  decodingBytes: number,
): ImageCost {
  let plan: DecodePlan;
  try {
    plan = planDecode(image, resize);
  } catch (error) {
    if (error instanceof HebbError && isHeic(image) && !readAsText(image)) {
      return heicCost(image, error);
    }
    throw error;
  }
  const megapixels = (plan.header.width * plan.header.height) / 1e6;
  let obstacle: HebbError | undefined;
  try {
    checkMemory(plan, decodingBytes);
  } catch (error) {
    if (!(error instanceof HebbError)) throw error;
    obstacle = error;
  }
  const decodeMs = DECODE_MS + DECODE_MS_PER_MEGAPIXEL * megapixels;
  return {
    megapixels,
    decodeMs,
    obstacle,
    gpuDecodeMs: obstacle ? Math.ceil(decodeMs) : 0,
    form: obstacle || megapixels > LARGE_MEGAPIXELS ? 'encoded' : 'pixels',
  };
}

/** @param obstacle what the edge says of it */
function heicCost(image: Uint8Array, obstacle: HebbError): ImageCost {
  const megapixels = heicPixels(image) / 1e6;
  const gpuDecodeMs = DECODE_MS + Math.ceil(HEIC_MS_PER_MEGAPIXEL * megapixels);
  return { megapixels, decodeMs: 0, obstacle, gpuDecodeMs, form: 'encoded' };
}
