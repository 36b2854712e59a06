/**
 * Any image file to RGB pixels, within a memory budget.
 * @module
 */

import { freeBody } from '../../edge/body/read-body.ts';
import { orient, type ReducedImage } from '../model/index.ts';
import { decodeAvif } from './avif/decode.ts';
import { checkBudget } from './budget.ts';
import type { CodecPool } from './codec-pool.ts';
import { decodeGif } from './gif/decode.ts';
import type { ImageFormat, ImageHeader } from './header.ts';
import { decodeJpeg } from './jpeg/decode.ts';
import type { DecodeMemory } from './memory.ts';
import { decodePng } from './png/decode.ts';
import type { Reduction, Target } from './reduce.ts';
import { reductionFor } from './reduction.ts';
import { sniff } from './sniff.ts';
import { decodeWebp } from './webp/decode.ts';

export interface DecodeOptions {
  /** One per isolate. */
  readonly codecs: CodecPool;
  /** Bytes that decoding this image may take, besides the file itself. */
  readonly budgetBytes: number;
  /** The resize that follows; the image is decoded no larger than it needs. */
  readonly target: Target;
  /** Instead of the one that the target asks for; for measurements. */
  readonly reduction?: Reduction;
}

/** Upright, over white, 8-bit RGB; reduced to 1/1, 1/2, 1/4 or 1/8 for `toInput`. */
export interface DecodedImage extends ReducedImage {
  readonly format: ImageFormat;
  /** Size of the file's picture, upright, pixels. */
  readonly sourceWidth: number;
  readonly sourceHeight: number;
}

/**
 * Decodes JPEG, PNG, WebP, AVIF, or the first frame of a GIF.
 * Throws `unsupported_format`, `image_too_large` (from the header, before anything is decoded) or
 * `broken_image` (cut-off files too: there are no half pictures), and nothing else for bad input.
 */
export async function decodeImage(
  bytes: Uint8Array,
  options: DecodeOptions,
): Promise<DecodedImage> {
  const header = sniff(bytes);
  const memory = checkBudget(header, bytes.length, options.target, options.budgetBytes);
  const pixels = await decodePixels(bytes, header, options, memory);
  const image = orient(pixels, header.orientation);
  if (image !== pixels) freeBody(pixels.data as Uint8Array<ArrayBuffer>);
  const [sourceWidth, sourceHeight] =
    header.orientation >= 5 ? [header.height, header.width] : [header.width, header.height];
  return { ...image, format: header.format, sourceWidth, sourceHeight };
}

function decodePixels(
  bytes: Uint8Array,
  header: ImageHeader,
  { codecs, target, reduction = reductionFor(header, target) }: DecodeOptions,
  { codecBytes }: DecodeMemory,
): ReducedImage | Promise<ReducedImage> {
  switch (header.format) {
    case 'jpeg':
      return decodeJpeg(codecs, bytes, header, reduction);
    case 'png':
      return decodePng(bytes, header, reduction);
    case 'webp':
      return decodeWebp(codecs, bytes, header, reduction);
    case 'avif':
      return decodeAvif(codecs, bytes, header, reduction, codecBytes);
    case 'gif':
      return decodeGif(bytes, header, reduction);
  }
}
