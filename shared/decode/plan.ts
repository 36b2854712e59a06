/**
 * What decoding a file will take, told from its header before anything is decoded. Figures are
 * measured with the arena (test/decode/budget.test.ts holds them against it).
 * @module
 */
import { HebbError } from '../model/errors.ts';
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
 * More pixels than any camera has (the largest phones take 200 megapixels), in any format: what is
 * reduced as it streams needs little memory, but every pixel needs time. The same bound as libvips'.
 */
export const MAX_PIXELS = 0x3fff * 0x3fff;

/** Of the finer picture of a JPEG: 6 MB in memory for a moment, 12 when it is turned. */
const MOST_FINER_PIXELS = 2e6;

export interface DecodePlan {
  readonly header: ImageHeader;
  readonly reduction: Reduction;
  /** The codec that decodes it; PNG's is zlib alone, GIF and some JPEGs have none. */
  readonly codec: CodecName | undefined;
  /** Bytes of the arena at the peak, besides the file in the caller's hands. */
  readonly bytes: number;
}

/**
 * Reads the header and plans. Throws what `sniff` does, and `image_too_large` for more pixels than
 * are decoded anywhere; memory is for `checkMemory`.
 * @param target the resize that follows: the image is decoded no larger than it needs
 * @param exactly a reduction instead of the one that the target asks for
 */
export function planDecode(file: Uint8Array, target: Target, exactly?: Reduction): DecodePlan {
  return planOf(sniff(file), file.length, target, exactly);
}

/** As `planDecode`, of a file whose header was read. */
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

/** Throws `image_too_large` for more pixels than are decoded anywhere. */
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

/** Throws `image_too_large`, with both figures, for a plan that takes more than `limitBytes`. */
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
 * The largest reduction that leaves the resize enough; of a JPEG one step less where that is cheap.
 *
 * Of 515 photographs enlarged to 12 megapixels, 1/8 changed the top-1 answer of 8. With 1/4 the network's
 * pixels are off by 0.16 grey levels on average instead of 0.39, for a quarter more time and 2 MB.
 * Progressive files stay at 1/8, which needs their first scan only: 1/4 would take 45 MB.
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

/** What the decoder takes, its picture included, and that picture's copy where it must be turned. */
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
  const summed = reduction === 1 ? picture : picture * 2; // by BoxReducer: sums of 16 bits
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
