/**
 * What an image costs at the edge, estimated from its header: CPU time cannot be measured there, since
 * Cloudflare stops the clock while code runs. The estimates are on the high side; measured times are in
 * docs/benchmarks.md.
 * @module
 */
import { heicPixels, isHeic } from '@hebb/decode/heic';
import { checkMemory, type DecodePlan, planDecode } from '@hebb/decode/plan';
import { readAsText } from '@hebb/decode/sniff';
import type { Preprocessing } from '@hebb/model';
import { HebbError } from '@hebb/model/errors';
import type { EngineName } from '@hebb/protocol/api/options';
import type { Form } from '../gpu/chunk.ts';

export interface ImageCost {
  /** How to decode it at the edge; undefined for HEIC. Valid until the image's bytes are moved. */
  readonly plan: DecodePlan | undefined;
  /** CPU time at the edge, ms. */
  readonly decodeMs: number;
  /** Why only the GPU tier can decode it: `image_too_large`, or `unsupported_format` for HEIC. */
  readonly obstacle: HebbError | undefined;
  /** What decoding adds to the GPU tier's usual time, whole ms: 0 for images that the edge can decode. */
  readonly gpuDecodeMs: number;
  /** How it is sent to the GPU tier. */
  readonly form: Form;
}

/** One image through the network, ms. */
export const INFER_MS: Record<EngineName, number> = { int8: 25, tfjs: 100 };

const DECODE_MS = 2;
const DECODE_MS_PER_MEGAPIXEL = 12;

/** By libheif's WebAssembly, whose HEVC decoder has neither threads nor SIMD. */
const HEIC_MS_PER_MEGAPIXEL = 150;

/**
 * Larger images are decoded by the GPU tier, which has several threads; smaller ones here, and sent as
 * pixels.
 */
const LARGE_MEGAPIXELS = 0.06;

/** Throws as `planDecode` does for files that neither tier can decode. */
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
    plan,
    decodeMs,
    obstacle,
    gpuDecodeMs: obstacle ? Math.ceil(decodeMs) : 0,
    form: obstacle || megapixels > LARGE_MEGAPIXELS ? 'encoded' : 'pixels',
  };
}

/** @param obstacle the edge's error */
function heicCost(image: Uint8Array, obstacle: HebbError): ImageCost {
  const megapixels = heicPixels(image) / 1e6;
  const gpuDecodeMs = DECODE_MS + Math.ceil(HEIC_MS_PER_MEGAPIXEL * megapixels);
  return { plan: undefined, decodeMs: 0, obstacle, gpuDecodeMs, form: 'encoded' };
}
