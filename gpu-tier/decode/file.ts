/**
 * Full decoding with sharp (libvips), then the resize that the edge uses.
 * Embedded colour profiles are ignored, as the edge ignores them: both tiers must see one image.
 * @module
 */
import sharp from 'sharp';
import {
  cmykToRgb,
  HebbError,
  type Preprocessing,
  type RgbImage,
  toInput,
} from '../../shared/model/index.ts';

/**
 * Decodes and preprocesses one image.
 * @param source a path, or the bytes of an encoded image
 * @returns uint8 RGB [crop, crop, 3], raw pixels
 */
export async function decodeFile(
  source: string | Uint8Array,
  preprocessing: Pick<Preprocessing, 'resize' | 'crop'>,
): Promise<Uint8Array<ArrayBuffer>> {
  return toInput(await decodeFull(source), preprocessing);
}

/** Decodes a whole image: EXIF orientation applied, alpha over white, CMYK and grey to RGB. */
export async function decodeFull(source: string | Uint8Array): Promise<RgbImage> {
  try {
    const image = sharp(source, { autoOrient: true, ignoreIcc: true, failOn: 'error' });
    const { space } = await image.metadata();
    if (space === 'cmyk') image.pipelineColourspace('cmyk').toColourspace('cmyk');
    else image.flatten({ background: 'white' }).toColourspace('srgb');
    const { data, info } = await image
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pixels = space === 'cmyk' ? cmykToRgb(data, false) : data;
    return { width: info.width, height: info.height, data: pixels };
  } catch (cause) {
    throw asHebbError(cause, typeof source === 'string' ? source : 'The image');
  }
}

function asHebbError(cause: unknown, what: string): HebbError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (/missing/.test(reason)) {
    return new HebbError('file_not_found', `${what}: no such file.`, { cause });
  }
  const code = /unsupported image format/.test(reason) ? 'unsupported_format' : 'broken_image';
  return new HebbError(code, `${what} cannot be decoded: ${reason}.`, { cause });
}
