/**
 * Decodes image files with sharp (libvips), then resizes with our code, for comparison with our decoder.
 * @module
 */

import { cmykToRgb, HebbError, type Preprocessing, type RgbImage, toInput } from '@hebb/model';
import sharp from 'sharp';

/** 100 megapixels, 300 MB decoded: more than the photographs of phones. */
const MOST_PIXELS = 100e6;

/** Formats that libvips can decode at reduced size. */
const SHRINKING = new Set(['jpeg', 'webp']);

type Sizing = Pick<Preprocessing, 'resize' | 'crop'>;

/**
 * Decodes and preprocesses one image.
 * @param source a path, or the bytes of an encoded image
 * @returns uint8 RGB [crop, crop, 3], raw pixels
 */
export async function decodeFile(
  source: string | Uint8Array,
  preprocessing: Sizing,
): Promise<Uint8Array<ArrayBuffer>> {
  return toInput(await decodeFull(source), preprocessing);
}

/**
 * Decodes and preprocesses one image as a service would: a large JPEG or WebP is decoded at 1/2, 1/4 or 1/8 of
 * its size, as long as the resize has enough pixels. This saves most of the time and memory of a 12-megapixel
 * photograph.
 */
export async function decodeQuickly(
  source: Uint8Array,
  preprocessing: Sizing,
): Promise<Uint8Array<ArrayBuffer>> {
  return toInput(await decode(source, preprocessing.resize.size), preprocessing);
}

/** Decodes a whole image: EXIF orientation applied, alpha over white, CMYK and grey to RGB. */
export const decodeFull = (source: string | Uint8Array): Promise<RgbImage> => decode(source);

/**
 * Decodes JPEG and WebP at 1/2, 1/4 or 1/8 of the size, as long as both sides have at least `shortest` pixels.
 */
export const decodeReduced = (path: string, shortest: number): Promise<RgbImage> =>
  decode(path, shortest);

/** @param shortest minimum of the shorter side, pixels; if absent, the image is not reduced */
async function decode(source: string | Uint8Array, shortest?: number): Promise<RgbImage> {
  const what = typeof source === 'string' ? source : 'The image';
  try {
    const options = { autoOrient: true, ignoreIcc: true, failOn: 'error' } as const;
    const image = sharp(source, { ...options, limitInputPixels: MOST_PIXELS });
    const { format, compression, space, autoOrient } = await image.metadata();
    if (format === 'heif' && compression !== 'av1') {
      throw new HebbError('unsupported_format', `${what} is HEIF without AV1 inside.`);
    }
    if (space === 'cmyk') image.pipelineColourspace('cmyk').toColourspace('cmyk');
    else image.flatten({ background: 'white' }).toColourspace('srgb');
    const reduction =
      shortest !== undefined && SHRINKING.has(format) ? reductionFor(autoOrient, shortest) : 1;
    if (reduction > 1) {
      const [width, height] = [autoOrient.width, autoOrient.height];
      const size = { width: Math.ceil(width / reduction), height: Math.ceil(height / reduction) };
      image.resize({ ...size, fit: 'fill', kernel: 'cubic' });
    }
    const { data, info } = await image
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pixels = space === 'cmyk' ? cmykToRgb(data, false) : data;
    return { width: info.width, height: info.height, data: pixels };
  } catch (cause) {
    throw cause instanceof HebbError ? cause : asHebbError(cause, what);
  }
}

/** The reduction that the edge would choose: both sides keep at least `shortest` pixels. */
function reductionFor({ width, height }: { width: number; height: number }, shortest: number) {
  const spare = Math.min(width, height) / shortest;
  return [8, 4, 2].find((reduction) => spare >= reduction) ?? 1;
}

function asHebbError(cause: unknown, what: string): HebbError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (/missing/.test(reason)) {
    return new HebbError('file_not_found', `${what}: no such file.`, { cause });
  }
  if (/exceeds pixel limit/.test(reason)) {
    const message = `${what} has more than ${MOST_PIXELS / 1e6} megapixels.`;
    return new HebbError('image_too_large', message, { hint: 'Scale the image down.', cause });
  }
  const code = /unsupported image format/.test(reason) ? 'unsupported_format' : 'broken_image';
  return new HebbError(code, `${what} cannot be decoded: ${reason}.`, { cause });
}
