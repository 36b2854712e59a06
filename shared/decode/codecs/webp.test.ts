import { HebbError } from '@hebb/model';
import { instantiate } from '@hebb/test/codecs/instance';
import { encoder, encoderWithAlpha, picture, random } from '@hebb/test/decode/pictures';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { Bytes } from '../bytes.ts';
import { reduceRgba } from '../pixels.ts';
import type { Reduction } from '../reduce.ts';
import { decodeWebp } from '../webp/decode.ts';
import { type WebpHeader, webpHeader } from '../webp/header.ts';

const REDUCTIONS: readonly Reduction[] = [1, 2, 4, 8];

const headerOf = (file: Uint8Array): WebpHeader => webpHeader(new Bytes(file));

const read = (file: Uint8Array, reduction: Reduction, header = headerOf(file)) =>
  decodeWebp(instantiate('webp'), file, header, reduction);

/** The whole picture as libvips has it, with alpha, put over white and averaged afterwards. */
async function afterwards(file: Buffer, reduction: Reduction, header = headerOf(file)) {
  const rgba = await sharp(file).ensureAlpha().raw().toBuffer();
  return reduceRgba(rgba, header.frame, header, reduction);
}

const webp = (image: Sharp, options: Parameters<Sharp['webp']>[0]) =>
  image.webp({ effort: 1, ...options }).toBuffer();

const kinds: Record<string, (image: ReturnType<typeof picture>) => Promise<Buffer>> = {
  lossy: (p) => webp(encoder(p), {}),
  'lossy, strong filter': (p) => webp(encoder(p), { quality: 5 }),
  'lossy with alpha': (p) => webp(encoderWithAlpha(p), {}),
  'lossy with lossy alpha': (p) => webp(encoderWithAlpha(p), { alphaQuality: 40 }),
  lossless: (p) => webp(encoder(p), { lossless: true }),
  'lossless with alpha': (p) => webp(encoderWithAlpha(p), { lossless: true }),
};

describe.each(Object.entries(kinds))('reduced row by row (%s)', (_, encode) => {
  it('gives the same bits as averaging afterwards, at every size', async () => {
    const sizes = [
      [203, 117],
      [64, 48],
      [65, 49],
      [16, 17],
      [2, 3],
      [1, 1],
    ] as const;
    for (const [width, height] of sizes) {
      const file = await encode(picture(width, height));
      for (const reduction of REDUCTIONS) {
        expect(read(file, reduction)).toEqual(await afterwards(file, reduction));
      }
    }
  });

  it('wherever the picture lies on a larger canvas', async () => {
    const file = await encode(picture(37, 29));
    const { frame, ...still } = headerOf(file);
    for (const [x, y] of [
      [0, 0],
      [2, 6],
      [10, 0],
      [14, 22],
    ] as const) {
      const canvas = { width: 37 + 14, height: 29 + 22 };
      const header: WebpHeader = { ...still, ...canvas, frame: { ...frame, x, y } };
      for (const reduction of REDUCTIONS) {
        expect(read(file, reduction, header)).toEqual(await afterwards(file, reduction, header));
      }
    }
  });
});

/** More pixels than VP8L's window; rows repeat at a distance near the longest of a copy. */
function repeating(width: number, height: number, period: number) {
  const data = new Uint8Array(width * height * 3);
  const noise = random(5);
  const row = width * 3;
  for (let i = 0; i < period * row; i++) data[i] = noise() * 256;
  for (let y = period; y < height; y++)
    data.copyWithin(y * row, (y - period) * row, (y - period + 1) * row);
  return { width, height, data };
}

describe('memory', () => {
  it('of a large lossless file is a window that contains the furthest copies', async () => {
    const image = repeating(1999, 1600, 524); // 1 047 476 of 1 048 456 pixels
    const file = await webp(encoder(image), { lossless: true, quality: 100, effort: 4 });
    expect(file.length).toBeLessThan(image.data.length * 0.7); // or it makes no use of them
    const codec = instantiate('webp');
    const result = decodeWebp(codec, file, headerOf(file), 8);
    expect(result).toEqual(await afterwards(file, 8));
    expect(read(file, 1).data.every((value, i) => value === image.data[i])).toBe(true);
    expect(codec.endBytes() - file.length).toBeLessThan(7.5e6); // 12.8 MB of ARGB
  });

  it('of a lossy file is a few rows, and for alpha a byte per pixel and the window', async () => {
    const large = picture(2400, 1600);
    const measure = async (file: Buffer) => {
      const codec = instantiate('webp');
      const result = decodeWebp(codec, file, headerOf(file), 8);
      expect(result).toEqual(await afterwards(file, 8));
      return codec.endBytes() - file.length - result.data.length;
    };
    expect(await measure(await webp(encoder(large), {}))).toBeLessThan(0.8e6);
    const clear = await measure(await webp(encoderWithAlpha(large), {}));
    expect(clear).toBeLessThan(2400 * 1600 + 7.5e6);
  });

  it('that is not enough fails the same way every time', async () => {
    const file = await webp(encoderWithAlpha(picture(300, 200)), {});
    for (let maximum = 2; maximum < 12; maximum += 3) {
      const outcomes = [0, 1].map(() => {
        const codec = instantiate('webp', new WebAssembly.Memory({ initial: 2, maximum }));
        try {
          decodeWebp(codec, file, headerOf(file), 1);
          return codec.endBytes();
        } catch (error) {
          if (error instanceof HebbError) return error.code;
          throw error;
        }
      });
      expect(outcomes[0]).toBe(outcomes[1]);
      if (maximum === 2) expect(outcomes[0]).toBe('image_too_large');
    }
  });
});

describe('a broken file', () => {
  it.each(Object.entries(kinds))('fails wherever it is cut (%s)', async (_, encode) => {
    const file = await encode(picture(150, 90));
    const header = headerOf(file);
    expect(tryRead(file)).toBeDefined();
    for (let missing = 1; missing < file.length - 60; missing += missing < 40 ? 1 : 97) {
      expect(tryRead(file.subarray(0, header.frame.end - missing))).toBeUndefined();
    }
    // A chunk that says that it is all there: libwebp itself must notice.
    for (let missing = 9; missing < file.length - 60; missing += 97) {
      const end = header.frame.end - missing;
      expect(tryRead(file, { ...header, frame: { ...header.frame, end } })).toBeUndefined();
    }
  });

  it('fails if its picture does not match its header', async () => {
    const file = await kinds.lossless!(picture(40, 30));
    const header = headerOf(file);
    const smaller = { ...header, width: 30, height: 30, frame: { ...header.frame, width: 30 } };
    expect(() => read(file, 2, smaller)).toThrow(HebbError);
  });

  it('with a wrong bit fails or gives the same picture', async () => {
    for (const encode of Object.values(kinds)) {
      const file = await encode(picture(90, 70));
      const header = headerOf(file);
      for (let i = 0; i < 150; i++) {
        const flipped = Buffer.from(file);
        const bit =
          header.frame.begin * 8 + ((i * 7919) % ((file.length - header.frame.begin) * 8));
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        tryRead(flipped, header);
      }
    }
  });
});

/** Undefined where the codec or the header refuses; anything else that is thrown is passed on. */
function tryRead(file: Uint8Array, header?: WebpHeader) {
  try {
    return read(file, 1, header ?? headerOf(file));
  } catch (error) {
    if (error instanceof HebbError) return undefined;
    throw error;
  }
}
