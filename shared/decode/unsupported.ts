/**
 * Formats that people send and that are not decoded here, so that the answer can name them.
 * @module
 */
import { brands } from './avif/header.ts';
import type { Bytes } from './bytes.ts';

export interface KnownFormat {
  readonly name: string;
  /** What to do; the error table's own hint where this is absent. */
  readonly hint?: string;
}

const EXPORT = 'Export it as JPEG or PNG.';
const HEIC: KnownFormat = {
  name: 'a HEIC (HEIF) photo',
  hint: 'Export it as JPEG; on an iPhone: Settings, Camera, Formats, Most Compatible.',
};
const VIDEO: KnownFormat = { name: 'a video', hint: 'Send one frame as JPEG.' };
const WEB_PAGE: KnownFormat = {
  name: 'text or a web page',
  hint: 'Send the image file itself, not the page that shows it.',
};

/** Bytes that a file starts with, at `at`. */
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
  { magic: 'PK\x03\x04', format: { name: 'a ZIP archive', hint: 'Send one image.' } },
];

const HEIF_BRANDS = /^(hei[cxms]|hev[cxms]|mif[12]|msf1)$/;

export function nameFormat(file: Bytes): KnownFormat | undefined {
  const match = MAGIC.find(({ magic, at }) => file.startsWith(magic, at ?? 0));
  if (match) return match.format;
  if (file.startsWith('ftyp', 4)) return brandedFormat(file);
  return textFormat(file);
}

function brandedFormat(file: Bytes): KnownFormat {
  const found = file.length >= 12 ? brands(file) : [];
  return found.some((brand) => HEIF_BRANDS.test(brand)) ? HEIC : VIDEO;
}

function textFormat(file: Bytes): KnownFormat | undefined {
  const start = file.ascii(0, Math.min(file.length, 1024)).trimStart().toLowerCase();
  if (start.includes('<svg')) return { name: 'an SVG drawing', hint: 'Export it as PNG.' };
  if (start.startsWith('<') || start.startsWith('{')) return WEB_PAGE;
  return undefined;
}
