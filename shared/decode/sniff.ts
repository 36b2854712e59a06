import { HebbError } from '../model/index.ts';
import { avifHeader, isAvif } from './avif/header.ts';
import { Bytes } from './bytes.ts';
import { gifHeader, isGif } from './gif/header.ts';
import type { ImageHeader } from './header.ts';
import { isJpeg, jpegHeader } from './jpeg/header.ts';
import { isPng, pngHeader } from './png/header.ts';
import { nameFormat } from './unsupported.ts';
import { isWebp, webpHeader } from './webp/header.ts';

/**
 * What an image file is, from its header alone; nothing is decoded. Throws `unsupported_format`
 * with the format's name where it is known, `broken_image` for a header that makes no sense.
 */
export function sniff(bytes: Uint8Array): ImageHeader {
  if (bytes.length === 0) throw new HebbError('missing_image', 'The image is empty.');
  const file = new Bytes(bytes);
  if (isJpeg(file)) return jpegHeader(file);
  if (isPng(file)) return pngHeader(file);
  if (isWebp(file)) return webpHeader(file);
  if (isGif(file)) return gifHeader(file);
  if (isAvif(file)) return avifHeader(file);
  throw unsupported(file);
}

function unsupported(file: Bytes): HebbError {
  const known = nameFormat(file);
  if (!known) {
    return new HebbError('unsupported_format', 'The bytes are of no image format known here.');
  }
  const message = `This is ${known.name}, which is not decoded here.`;
  return new HebbError('unsupported_format', message, known.hint ? { hint: known.hint } : {});
}
