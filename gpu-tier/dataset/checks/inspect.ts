/**
 * Looks into one image file.
 * @module
 */
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { HebbError } from '../../../shared/model/errors.ts';
import { decodeFull } from '../../decode/file.ts';
import { contentHash } from '../content.ts';
import type { FoundImage } from '../found.ts';
import { isCutOff } from './cut-off.ts';

export interface InspectedImage extends FoundImage {
  /** Undefined where the file cannot even be read. */
  readonly sha256?: string;
  /** Why it cannot be decoded. */
  readonly problem?: string;
  /** The decoder complained, and decoded it all the same. */
  readonly damaged?: boolean;
  /** The shorter side, pixels; of images that decode. */
  readonly shorterSide?: number;
}

/** Reads and really decodes an image, all of its pixels. */
export async function inspectImage(image: FoundImage): Promise<InspectedImage> {
  const { path } = image;
  let sha256: string;
  try {
    sha256 = await contentHash(path);
  } catch {
    return { ...image, problem: 'it cannot be read' };
  }
  try {
    return { ...image, sha256, ...(await decodeStrictly(path)) };
  } catch (error) {
    return { ...image, sha256, problem: await diagnose(path, error) };
  }
}

/** Why a file does not decode, from its bytes where they show it. */
async function diagnose(path: string, error: unknown): Promise<string> {
  const bytes = await readFile(path);
  if (bytes.length === 0) return 'it is empty';
  if (isCutOff(bytes)) return 'it is cut off';
  if (!(error instanceof HebbError)) return `it is broken (${String(error)})`;
  if (error.code === 'unsupported_format') return 'it is no JPEG, PNG, WebP, AVIF or GIF';
  if (error.code === 'image_too_large') return error.message.replace(path, 'it');
  return `it is broken (${plain(error.message.replace(`${path} cannot be decoded: `, ''))})`;
}

/** Formats in which sharp reports corrupt parts; what else training reads is only decoded. */
const STRICT = new Set(['jpeg', 'png', 'webp', 'gif']);

/**
 * Decodes row by row into next to nothing, which takes half the time and little memory, and stops
 * at anything odd. What does is decoded again as training will: that decides.
 */
async function decodeStrictly(path: string): Promise<{ shorterSide: number; damaged: boolean }> {
  const image = sharp(path, { failOn: 'warning', ignoreIcc: true, limitInputPixels: 100e6 });
  const header = await image.metadata().catch(() => undefined);
  let damaged = false;
  if (header && STRICT.has(header.format)) {
    try {
      await image.resize(8, 8, { fit: 'fill', fastShrinkOnLoad: false }).raw().toBuffer();
      return { shorterSide: Math.min(header.width, header.height), damaged };
    } catch {
      damaged = true; // if it decodes at all
    }
  }
  const { width, height } = await decodeFull(path);
  return { shorterSide: Math.min(width, height), damaged };
}

/** The decoder's words; libvips keeps them in one place for all threads, so they may be lost. */
const plain = (message: string): string => {
  const words = message.replace(/^(Error|Vips\w*): |\.$/g, '').replace(/\s+/g, ' ');
  return /unknown error/i.test(words) ? 'corrupt' : words;
};
