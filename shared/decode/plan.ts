/**
 * Reduction, codec and memory for decoding a file, from its header alone. The figures were
 * measured with the arena (shared/decode/budget.test.ts compares them).
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import type { CodecName } from './arena.ts';
import { avifMemory } from './avif/memory.ts';
import { gifMemory } from './gif/header.ts';
import { dcMemory, decodesDc } from './jpeg/progressive-dc.ts';
import { turboMemory } from './jpeg/turbo.ts';
import { pngMemory } from './png/header.ts';
import { chooseReduction, type Reduction, reducedSize, type Target } from './reduce.ts';
import { type ImageHeader, sniff } from './sniff.ts';
import { webpMemory } from './webp/header.ts';

/**
 * Limit for every format, above any camera (the largest phones take 200 megapixels): streamed formats need
 * little memory, but every pixel takes time. libvips has the same limit.
 */
export const MAX_PIXELS = 0x3fff * 0x3fff;

/** Limit for decoding a JPEG one step finer: 6 MB in memory for a moment, 12 MB when it is rotated. */
const MOST_FINER_PIXELS = 2e6;

/** Valid as long as the file's bytes: the header may hold views of them (a palette, a colour profile). */
export interface DecodePlan {
  readonly header: ImageHeader;
  readonly reduction: Reduction;
  /** The codec module; PNG needs only zlib, GIF and some JPEGs need none. */
  readonly codec: CodecName | undefined;
  /** Peak memory in the arena, bytes; the caller's copy of the file not included. */
  readonly bytes: number;
}

/**
 * Reads the header and plans. Throws the errors of `sniff`, and `image_too_large` above MAX_PIXELS;
 * `checkMemory` checks the memory.
 * @param target the resize that follows: the image is decoded no larger than that needs
 * @param exactly overrides the reduction that follows from the target
 */
export function planDecode(file: Uint8Array, target: Target, exactly?: Reduction): DecodePlan {
  return planOf(sniff(file), file.length, target, exactly);
}

/** `planDecode` for a header that was already read. */
export function planOf(
  header: ImageHeader,
  fileBytes: number,
  target: Target,
  exactly?: Reduction,
): DecodePlan {
  checkPixels(header);
  const reduction = exactly ?? reductionFor(header, target);
  return {
    header,
    reduction,
    codec: codecOf(header, reduction),
    bytes: memoryOf(header, fileBytes, reduction),
  };
}

/** Throws `image_too_large` above MAX_PIXELS. */
export function checkPixels({ width, height }: Extents): void {
  if (width * height <= MAX_PIXELS) return;
  const limit = Math.floor(MAX_PIXELS / 1e6);
  const message = `The image has ${width}×${height} pixels, and at most ${limit} megapixels are decoded.`;
  throw new HebbError('image_too_large', message, { hint: 'Scale the image down.' });
}

interface Extents {
  readonly width: number;
  readonly height: number;
}

interface Need {
  readonly header: Extents & { readonly format: string };
  readonly bytes: number;
}

/** Throws `image_too_large`, with both figures, if the plan needs more than `limitBytes`. */
export function checkMemory({ header, bytes }: Need, limitBytes: number): void {
  if (bytes <= limitBytes) return;
  const format = header.format.toUpperCase();
  const message =
    `Decoding this ${format} of ${header.width}×${header.height} pixels takes ${megabytes(bytes)}, ` +
    `and ${megabytes(limitBytes)} may be used.`;
  throw new HebbError('image_too_large', message);
}

/** `12.3 MB`, of 10⁶ bytes. */
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/**
 * The largest reduction that leaves enough pixels for the resize; for a JPEG one step less if that is cheap.
 *
 * Of 515 photographs enlarged to 12 megapixels, 1/8 changed the top-1 answer of 8. With 1/4 the network's
 * pixels are off by 0.16 grey levels on average instead of 0.39, for 25 % more time and 2 MB.
 * Progressive files stay at 1/8, which needs only their first scan: 1/4 would take 45 MB.
 */
function reductionFor(header: ImageHeader, target: Target): Reduction {
  const { width, height, format } = header;
  const largest = chooseReduction(width, height, target);
  if (format !== 'jpeg' || largest === 1 || decodesDc(header, largest)) return largest;
  const finer = (largest / 2) as Reduction;
  const size = reducedSize(width, height, finer);
  return size.width * size.height <= MOST_FINER_PIXELS ? finer : largest;
}

function codecOf(header: ImageHeader, reduction: Reduction): CodecName | undefined {
  switch (header.format) {
    case 'jpeg':
      return decodesDc(header, reduction) ? undefined : 'jpeg';
    case 'png':
      return 'inflate';
    case 'gif':
      return undefined;
    default:
      return header.format;
  }
}

/** The decoder's memory with its picture, and a copy of the picture if it must be rotated. */
function memoryOf(header: ImageHeader, fileBytes: number, reduction: Reduction): number {
  const output = reducedSize(header.width, header.height, reduction);
  const pixels = output.width * output.height;
  const turned = header.orientation === 1 ? 0 : pixels * 3 + 64;
  return Math.ceil(decoderMemory(header, fileBytes, reduction, pixels) + turned);
}

function decoderMemory(
  header: ImageHeader,
  fileBytes: number,
  reduction: Reduction,
  outputPixels: number,
): number {
  const picture = outputPixels * 3;
  const summed = reduction === 1 ? picture : picture * 2; // BoxReducer's sums of 16 bits
  switch (header.format) {
    case 'jpeg':
      return decodesDc(header, reduction)
        ? dcMemory(header)
        : turboMemory(header, fileBytes, reduction);
    case 'png':
      return pngMemory(header) + summed;
    case 'gif':
      return gifMemory(header) + summed;
    case 'webp':
      return webpMemory(header) + picture;
    case 'avif':
      return avifMemory(header, fileBytes, reduction);
  }
}
