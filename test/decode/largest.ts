/**
 * The largest pictures that an isolate decodes, for each layout of each format (the table in docs/api.md):
 * searched with the decoder's own plan, for the header of a small real file with its size replaced.
 * @module
 */

import { MAX_PIXELS, planOf } from '@hebb/decode/plan';
import type { ImageHeader } from '@hebb/decode/sniff';
import { sniff } from '@hebb/decode/sniff';
import { LIMITS } from '@hebb/worker/limits';
import type { Sharp } from 'sharp';
import { MONOCHROME } from './avif-files.ts';
import { encoder, encoderWithAlpha, picture } from './pictures.ts';
import { ARENA_BYTES, PREPROCESSING } from './settings.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Row {
  readonly format: string;
  readonly layout: string;
  /** Typical size of a photograph's file, which is in the arena too, up to the 20 MB of a request. */
  readonly bytesPerPixel: number;
  /** The format's longest side, pixels. */
  readonly longestSide: number;
  /** Encodes a smooth picture of that size; absent if sharp does not write the layout. */
  readonly encode?: (size: Size) => Promise<Buffer>;
  /** A small file, instead of `encode`. */
  readonly sample?: Buffer;
}

const source = picture(64, 48);
const of = ({ width, height }: Size): Sharp => enlarged(encoder(source), width, height);
const clear = ({ width, height }: Size): Sharp => enlarged(encoderWithAlpha(source), width, height);
const enlarged = (image: Sharp, width: number, height: number) =>
  image.resize(width, height, { fit: 'fill', kernel: 'linear' });

type Encode = (size: Size) => Sharp;

const rows = (
  format: string,
  about: Pick<Row, 'longestSide'>,
  layouts: Readonly<Record<string, readonly [bytesPerPixel: number, encode: Encode]>>,
): Row[] =>
  Object.entries(layouts).map(([layout, [bytesPerPixel, encode]]) => ({
    format,
    layout,
    bytesPerPixel,
    ...about,
    encode: (size) => encode(size).toBuffer(),
  }));

const quick = { effort: 0 } as const;
const quicker = { compressionLevel: 1, adaptiveFiltering: true } as const;
const subsampled = { ...quick, chromaSubsampling: '4:2:0' } as const;

export const ROWS: readonly Row[] = [
  ...rows(
    'JPEG',
    { longestSide: 65_500 },
    {
      baseline: [0.5, (size) => of(size).jpeg()],
      progressive: [0.5, (size) => of(size).jpeg({ progressive: true })],
      'CMYK, baseline': [0.7, (size) => of(size).toColourspace('cmyk').jpeg()],
      'CMYK, progressive': [
        0.7,
        (size) => of(size).toColourspace('cmyk').jpeg({ progressive: true }),
      ],
    },
  ),
  ...rows(
    'PNG',
    { longestSide: 2 ** 31 - 1 },
    {
      '8 bits': [1.5, (size) => clear(size).png(quicker)],
      '16 bits': [4, (size) => clear(size).toColourspace('rgb16').png(quicker)],
      interlaced: [1.5, (size) => of(size).png({ ...quicker, progressive: true })],
    },
  ),
  ...rows(
    'WebP',
    { longestSide: 16_383 },
    {
      lossy: [0.25, (size) => of(size).webp(quick)],
      'lossy with alpha': [0.3, (size) => clear(size).webp(quick)],
      lossless: [1.2, (size) => of(size).webp({ ...quick, lossless: true })],
    },
  ),
  {
    format: 'AVIF',
    layout: 'grey, 8 bits',
    bytesPerPixel: 0.1,
    longestSide: 65_536,
    sample: Buffer.from(MONOCHROME, 'base64'),
  },
  ...rows(
    'AVIF',
    { longestSide: 65_536 },
    {
      '4:2:0, 8 bits': [0.15, (size) => of(size).avif(subsampled)],
      '4:4:4, 8 bits': [0.2, (size) => of(size).avif(quick)],
      '4:2:0 with alpha, 8 bits': [0.2, (size) => clear(size).avif(subsampled)],
      '4:4:4 with alpha, 8 bits': [0.25, (size) => clear(size).avif(quick)],
      '4:2:0, 10 and 12 bits': [0.15, (size) => of(size).avif({ ...subsampled, bitdepth: 10 })],
      '4:4:4, 10 and 12 bits': [0.2, (size) => of(size).avif({ ...quick, bitdepth: 10 })],
    },
  ),
  ...rows('GIF', { longestSide: 65_535 }, { any: [0.6, (size) => of(size).gif({ effort: 1 })] }),
];

/** Bytes needed to decode a picture that is rotated by EXIF, as most photographs of phones. */
export function bytesFor({ bytesPerPixel }: Row, sample: ImageHeader, size: Size): number {
  const fileBytes = Math.min(LIMITS.body.bytes, size.width * size.height * bytesPerPixel);
  const header = { ...resized(sample, size), orientation: 6 } as ImageHeader;
  const placed =
    header.format === 'webp'
      ? { ...header, frame: { ...header.frame, end: header.frame.begin + fileBytes } }
      : header;
  return planOf(placed, fileBytes, PREPROCESSING.resize).bytes;
}

/** The header with all its widths and heights replaced. */
function resized<T extends object>(header: T, size: Size): T {
  const fields = Object.entries(header).map(([name, value]) => {
    if (name === 'width' || name === 'height') return [name, size[name]];
    const isPart = Object.getPrototypeOf(value ?? 0) === Object.prototype;
    return [name, isPart ? resized(value, size) : value];
  });
  return Object.fromEntries(fields) as T;
}

export const sampleOf = async ({ encode, sample }: Row): Promise<ImageHeader> =>
  sniff(sample ?? (await encode!({ width: 256, height: 192 })));

/** The largest size of that shape that is decoded. */
export function largest(
  row: Row,
  sample: ImageHeader,
  [wide, high]: readonly [number, number],
): Size {
  const sizeOf = (unit: number): Size => ({
    width: Math.floor((unit * wide) / high),
    height: unit,
  });
  const fits = (unit: number) => {
    const size = sizeOf(unit);
    const { width, height } = size;
    if (width > row.longestSide || width * height > MAX_PIXELS) return false;
    return bytesFor(row, sample, size) <= Math.floor(ARENA_BYTES / 65_536) * 65_536;
  };
  let low: number = PREPROCESSING.resize.size;
  let above = 1 + Math.floor(Math.sqrt(MAX_PIXELS));
  while (above - low > 1) {
    const middle = (low + above) >> 1;
    if (fits(middle)) low = middle;
    else above = middle;
  }
  return sizeOf(low);
}

export const SHAPES = { square: [1, 1], '4:3': [4, 3], '16:9': [16, 9] } as const;

/** The table as Markdown, with a row for each layout. */
export async function largestTable(): Promise<string> {
  const names = Object.keys(SHAPES);
  const lines = [
    `| format | layout | file, bytes a pixel | ${names.join(' | ')} |`,
    `| --- | --- | --- |${names.map(() => ' --- |').join('')}`,
  ];
  for (const row of ROWS) {
    const sample = await sampleOf(row);
    const sizes = Object.values(SHAPES).map((shape) => cell(largest(row, sample, shape)));
    lines.push(`| ${row.format} | ${row.layout} | ${row.bytesPerPixel} | ${sizes.join(' | ')} |`);
  }
  return lines.join('\n');
}

/** `4000×3000, 12 MP`, rounded down. */
const cell = ({ width, height }: Size): string => {
  const megapixels = (width * height) / 1e6;
  const places = megapixels < 100 ? 10 : 1;
  return `${width}×${height}, ${Math.floor(megapixels * places) / places} MP`;
};
