/**
 * Images of every format and size: some fit into an isolate's memory, some do not, some are broken. The
 * pictures are smooth, so that they encode quickly into small files.
 * @module
 */
import type { Sharp } from 'sharp';
import { MONOCHROME } from '../../decode/avif-files.ts';
import { writeGif } from '../../decode/gif-writer.ts';
import { encoder, encoderWithAlpha, picture } from '../../decode/pictures.ts';
import { writePng } from '../../decode/png-writer.ts';

export interface Image {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The expected handling. */
  readonly kind: 'small' | 'large' | 'refused';
}

/** A phone's 12 megapixels; 4K; Full HD. */
const PHONE = [4032, 3024] as const;
const UHD = [3840, 2160] as const;
const HD = [1920, 1080] as const;

type Size = readonly [width: number, height: number];

const source = picture(64, 48);
const enlarged = (image: Sharp, [width, height]: Size): Sharp =>
  image.resize(width, height, { fit: 'fill', kernel: 'linear', fastShrinkOnLoad: false });
const of = (size: Size): Sharp => enlarged(encoder(source), size);
const clear = (size: Size): Sharp => enlarged(encoderWithAlpha(source), size);

export async function isolateImages(): Promise<Image[]> {
  const quick = { effort: 0 } as const;
  const sources: Record<Image['kind'], Record<string, Sharp | Uint8Array>> = {
    small: {
      JPEG: encoder(picture(300, 260)).jpeg(),
      'progressive JPEG': encoder(picture(640, 480)).jpeg({ progressive: true }),
      'PNG with alpha': encoderWithAlpha(picture(280, 300)).png(),
      GIF: gif(),
      WebP: encoder(picture(500, 400)).webp(quick),
      AVIF: encoder(picture(320, 320)).avif(quick),
    },
    large: {
      'JPEG of 12 megapixels': of(PHONE).jpeg(),
      'progressive JPEG of 12 megapixels': of(PHONE).jpeg({ progressive: true }),
      'WebP of 12 megapixels': of(PHONE).webp(quick),
      'WebP of 12 megapixels with alpha': clear(PHONE).webp(quick),
      'lossless WebP of 4K': of(UHD).webp({ lossless: true, effort: 0 }),
      'AVIF of Full HD, 4:2:0': of(HD).avif({ ...quick, chromaSubsampling: '4:2:0' }),
      'AVIF of Full HD, 4:4:4 with alpha': clear(HD).avif(quick),
      'AVIF of Full HD and 10 bits': of(HD).avif({ ...quick, bitdepth: 10 }),
      'grey AVIF': Buffer.from(MONOCHROME, 'base64'),
      'PNG of 12 megapixels': of(PHONE).png({ compressionLevel: 1 }),
      'PNG of 12 megapixels and 16 bits': of(PHONE)
        .toColourspace('rgb16')
        .png({ compressionLevel: 1 }),
      'interlaced PNG of 4K': of(UHD).png({ compressionLevel: 1, progressive: true }),
      'CMYK JPEG of 12 megapixels': of(PHONE).toColourspace('cmyk').jpeg(),
    },
    refused: {
      'PNG of a panorama, nothing of which can be reduced': of([45_000, 500]).png({
        compressionLevel: 1,
      }),
      'progressive CMYK JPEG of 12 megapixels': of(PHONE)
        .toColourspace('cmyk')
        .jpeg({ progressive: true }),
      'PNG of 400 megapixels': lyingPng(20_000, 20_000),
      'JPEG, cut off': cut(await of([900, 700]).jpeg().toBuffer(), 0.6),
      'WebP, cut off': cut(await of([900, 700]).webp(quick).toBuffer(), 0.9),
      'AVIF, cut off': cut(await of([900, 700]).avif(quick).toBuffer(), 0.9),
      text: new TextEncoder().encode('hello, this is no picture'),
    },
  };
  const images: Image[] = [];
  for (const kind of ['small', 'large', 'refused'] as const) {
    for (const [name, image] of Object.entries(sources[kind])) {
      const bytes = image instanceof Uint8Array ? image : await image.toBuffer();
      images.push({ name, kind, bytes: new Uint8Array(bytes) });
    }
  }
  return images;
}

const cut = (file: Uint8Array, share: number) => file.subarray(0, Math.floor(file.length * share));

function gif(): Uint8Array {
  const palette = Array.from({ length: 768 }, (_, i) => (i * 5) & 255);
  const frame = { x: 20, y: 10, width: 300, height: 260 };
  return writeGif({ width: 400, height: 300, frame, palette, index: (x, y) => (x + y) & 255 });
}

/** A PNG whose header has a wrong size. */
function lyingPng(width: number, height: number): Uint8Array {
  const flat = { colourType: 0, bitDepth: 8, sample: () => 200, filter: () => 0 } as const;
  const file = writePng({ width: 8, height: 8, ...flat });
  file.writeUInt32BE(width, 16);
  file.writeUInt32BE(height, 20);
  return file;
}
