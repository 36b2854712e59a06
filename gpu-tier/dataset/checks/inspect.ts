/**
 * Looks into one image file.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { HebbError } from '../../../shared/model/errors.ts';
import type { DecodeThreads } from '../../decode/threads.ts';
import { contentHash } from '../content.ts';
import type { FoundImage } from '../found.ts';
import { isCutOff } from './cut-off.ts';

export interface InspectedImage extends FoundImage {
  /** Undefined where the file cannot even be read. */
  readonly sha256?: string;
  /** Why it cannot be decoded. */
  readonly problem?: string;
  /** The shorter side, pixels; of images that decode. */
  readonly shorterSide?: number;
}

/** Reads and really decodes an image, as training will. */
export async function inspectImage(
  image: FoundImage,
  threads: DecodeThreads,
): Promise<InspectedImage> {
  const { path } = image;
  let sha256: string;
  try {
    sha256 = await contentHash(path);
  } catch {
    return { ...image, problem: 'it cannot be read' };
  }
  try {
    const { width, height } = await threads.size(path);
    return { ...image, sha256, shorterSide: Math.min(width, height) };
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
  const message = error.message.replace(`${path}: `, '');
  if (error.code === 'broken_image') {
    return `it is broken (${message.replace(/^The image is broken: |\.$/g, '')})`;
  }
  return error.code === 'unsupported_format'
    ? 'it is no JPEG, PNG, WebP, AVIF, GIF or HEIC'
    : message;
}
