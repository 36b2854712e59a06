/**
 * Which format a file has, from its first bytes, and its header. Formats that are not decoded here are
 * named, so that the error can say what was sent and how to convert it.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { type AvifHeader, avifHeader, isAvif } from './avif/header.ts';
import { Bytes } from './bytes.ts';
import { type GifHeader, gifHeader, isGif } from './gif/header.ts';
import { isHeic } from './heic.ts';
import { isJpeg, type JpegHeader, jpegHeader } from './jpeg/header.ts';
import { isPng, type PngHeader, pngHeader } from './png/header.ts';
import { isWebp, type WebpHeader, webpHeader } from './webp/header.ts';

export type ImageHeader = JpegHeader | PngHeader | WebpHeader | AvifHeader | GifHeader;

export type ImageFormat = ImageHeader['format'];

/**
 * The header of an image file; nothing is decoded. Throws `missing_image` for an empty file,
 * `unsupported_format` with the format's name where it is known, and `broken_image` for an invalid header.
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

export interface KnownFormat {
  readonly name: string;
  /** What to do; by default the hint of the error table. */
  readonly hint?: string;
}

const EXPORT = 'Export it as JPEG or PNG.';
const HEIC: KnownFormat = {
  name: 'a HEIC (HEIF) photo',
  hint:
    'Export it as JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible). ' +
    'A service with a GPU tier that can be reached decodes HEIC.',
};
const GZIP: KnownFormat = {
  name: 'a file compressed with gzip',
  hint: 'Send the image itself, or add Content-Encoding: gzip; compression saves little on images.',
};
const BASE64: KnownFormat = {
  name: 'an image in base64',
  hint: 'Send the decoded bytes, or {"image": "<base64>"} with Content-Type: application/json.',
};
const DATA_URL: KnownFormat = {
  name: 'a data: URL',
  hint: 'Send {"image": "data:…"} with Content-Type: application/json, or the decoded bytes.',
};
const JSON_TEXT: KnownFormat = {
  name: 'JSON',
  hint: 'Send it with Content-Type: application/json.',
};
const URL_TEXT: KnownFormat = {
  name: 'the address of an image',
  hint: 'Send {"url": "https://…"} with Content-Type: application/json, or the image itself.',
};
const LFS_POINTER: KnownFormat = {
  name: 'a pointer of Git LFS',
  hint: 'Run git lfs pull and send the file that it fetches.',
};
const AS_TEXT: KnownFormat = {
  name: 'an image whose bytes were read as text',
  hint: 'Read the file as bytes ("rb" in Python, no "utf8" in Node, response.content and not .text).',
};
const VIDEO: KnownFormat = { name: 'a video', hint: 'Send one frame as JPEG.' };
const WEB_PAGE: KnownFormat = {
  name: 'text or a web page',
  hint: 'Send the image file itself, not the page that shows it.',
};

/** Magic numbers: the characters at byte `at`. */
const MAGIC: readonly { magic: string; at?: number; format: KnownFormat }[] = [
  { magic: 'II*\0', format: { name: 'a TIFF or raw photo', hint: EXPORT } },
  { magic: 'MM\0*', format: { name: 'a TIFF or raw photo', hint: EXPORT } },
  { magic: 'II+\0', format: { name: 'a TIFF or raw photo', hint: EXPORT } },
  { magic: 'MM\0+', format: { name: 'a TIFF or raw photo', hint: EXPORT } },
  { magic: 'BM', format: { name: 'a BMP image', hint: EXPORT } },
  { magic: '\0\0\x01\0', format: { name: 'an icon (ICO)', hint: EXPORT } },
  { magic: '%PDF', format: { name: 'a PDF', hint: 'Export the page as PNG.' } },
  { magic: '8BPS', format: { name: 'a Photoshop file', hint: EXPORT } },
  { magic: 'qoif', format: { name: 'a QOI image', hint: EXPORT } },
  { magic: '\xff\x0a', format: { name: 'a JPEG XL image', hint: EXPORT } },
  { magic: 'JXL ', at: 4, format: { name: 'a JPEG XL image', hint: EXPORT } },
  { magic: 'jP  ', at: 4, format: { name: 'a JPEG 2000 image', hint: EXPORT } },
  { magic: '\xff\x4f\xff\x51', format: { name: 'a JPEG 2000 image', hint: EXPORT } },
  { magic: 'II\xbc', format: { name: 'a JPEG XR image', hint: EXPORT } },
  { magic: '\x1a\x45\xdf\xa3', format: VIDEO },
  { magic: 'AVI ', at: 8, format: VIDEO },
  { magic: '\x1f\x8b', format: GZIP },
  { magic: '\xff\xfe', format: { ...AS_TEXT, name: 'text in UTF-16' } },
  { magic: 'version https://git-lfs.github.com/spec/', format: LFS_POINTER },
  { magic: 'data:', format: DATA_URL },
  { magic: 'https://', format: URL_TEXT },
  { magic: 'http://', format: URL_TEXT },
  { magic: 'PK\x03\x04', format: { name: 'a ZIP archive', hint: 'Send one image.' } },
];

export function nameFormat(file: Bytes): KnownFormat | undefined {
  const match = MAGIC.find(({ magic, at }) => file.startsWith(magic, at ?? 0));
  if (match) return match.format;
  const text = readAsText(file.data);
  if (text) return text;
  if (file.startsWith('ftyp', 4)) return isHeic(file.data) ? HEIC : VIDEO;
  return textFormat(file);
}

/**
 * First bytes of images that were converted to text: as UTF-8, where invalid bytes
 * become U+FFFD (EF BF BD), or as Latin-1 or Windows-1252, where each byte from 80 on becomes two or
 * three bytes.
 */
const TEXT_OF_IMAGES = [
  '\xef\xbf\xbdPNG', // PNG
  '\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd', // JPEG
  '\xc2\x89PNG',
  '\xe2\x80\xb0PNG',
  '\xc3\xbf\xc3\x98\xc3\xbf',
];

/** More U+FFFD than this in the first 1024 bytes are not a coincidence. */
const SPOILT_MARKS = 4;

/** An image that was converted to text, even if its own magic number (GIF, WebP, AVIF) survived. */
export function readAsText(data: Uint8Array): KnownFormat | undefined {
  const head = data.subarray(0, 1024);
  const start = String.fromCharCode(...head);
  if (TEXT_OF_IMAGES.some((text) => start.startsWith(text))) return AS_TEXT;
  // An intact image may contain a damaged caption, but it is never valid text as a whole.
  const spoilt = start.split('\xef\xbf\xbd').length > SPOILT_MARKS && isUtf8(head);
  return spoilt ? AS_TEXT : undefined;
}

/** Ignores a character that is cut off at the end. */
function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** First characters of JPEG, PNG, WebP, GIF and AVIF in base64. */
const BASE64_OF_IMAGES = /^(\/9j\/|iVBORw0KGgo|UklGR|R0lGOD|AAAA[A-Z][A-Za-z0-9]ZnR5c)/;

function textFormat(file: Bytes): KnownFormat | undefined {
  const start = file.ascii(0, Math.min(file.length, 1024)).trimStart();
  if (start.toLowerCase().includes('<svg'))
    return { name: 'an SVG drawing', hint: 'Export it as PNG.' };
  if (start.startsWith('<')) return WEB_PAGE;
  if (/^[{[]\s*["{[\]}]/.test(start)) return JSON_TEXT;
  const base64 = start.replaceAll(/[\r\n]/g, '');
  if (BASE64_OF_IMAGES.test(base64) || /^[A-Za-z0-9+/_-]{64,}=*$/.test(base64)) return BASE64;
  return undefined;
}
