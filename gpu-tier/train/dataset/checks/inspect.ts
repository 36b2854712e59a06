/**
 * Checks one image file.
 * @module
 */
import { readFile } from 'node:fs/promises';
import type { DecodeThreads } from '@hebb/images/threads';
import { HebbError } from '@hebb/model/errors';
import { contentHash } from '../content.ts';
import type { FoundImage } from '../found.ts';

export interface InspectedImage extends FoundImage {
  /** Undefined when the file cannot be read. */
  readonly sha256?: string;
  /** Why it cannot be decoded. */
  readonly problem?: string;
  /** Shorter side, pixels, if it decodes. */
  readonly shorterSide?: number;
}

/** Reads and fully decodes an image, as training does. */
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

/** Why a file does not decode, from its bytes if they show it. */
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
    ? 'it is not a JPEG, PNG, WebP, AVIF, GIF or HEIC'
    : message;
}

const text = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.subarray(start, end)).toString('latin1');

/**
 * Whether a JPEG, PNG, GIF, WebP, AVIF or HEIC is truncated, as after an interrupted download: it lacks
 * the end that its format prescribes.
 */
export function isCutOff(bytes: Uint8Array): boolean {
  const tail = text(bytes, Math.max(0, bytes.length - 64), bytes.length);
  const head = text(bytes, 0, 12);
  if (head.startsWith('\xff\xd8')) return !tail.includes('\xff\xd9'); // EOI
  if (head.startsWith('\x89PNG')) return !tail.includes('IEND');
  if (head.startsWith('GIF8')) return !/\x3b\0*$/.test(tail); // trailer
  if (head.startsWith('RIFF') && head.endsWith('WEBP')) {
    const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
    return bytes.length < size + 8;
  }
  if (text(bytes, 4, 8) === 'ftyp') return endsInBox(bytes);
  return false;
}

/** Whether the last box of an ISO base media file (ISO/IEC 14496-12, 4.2) extends beyond the file. */
function endsInBox(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  while (at + 16 <= bytes.length) {
    const size = view.getUint32(at);
    if (size === 0) return false; // the box extends to the end of the file
    at += size === 1 ? Number(view.getBigUint64(at + 8)) : Math.max(size, 8);
  }
  return at > bytes.length;
}
