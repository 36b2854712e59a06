import { decode, refusal } from '@hebb/test/decode/edge';
import { difference, encoder, encoderWithAlpha, picture, random } from '@hebb/test/decode/pictures';
import { chunk, type RawPng, writePng } from '@hebb/test/decode/png-writer';
import { decodeFull } from '@hebb/test/support/sharp-decode';
import { describe, expect, it } from 'vitest';

const WIDTH = 37; // no multiple of anything, so that every row ends inside a byte
const HEIGHT = 29;

function noise(bitDepth: number) {
  const next = random(bitDepth);
  const samples = Array.from({ length: WIDTH * HEIGHT * 4 }, () =>
    Math.floor(next() * 2 ** bitDepth),
  );
  return (x: number, y: number, channel: number) => samples[(y * WIDTH + x) * 4 + channel]!;
}

const KINDS = [
  ...([1, 2, 4, 8, 16] as const).map((bitDepth) => ({ colourType: 0 as const, bitDepth })),
  ...([8, 16] as const).map((bitDepth) => ({ colourType: 2 as const, bitDepth })),
  ...([1, 2, 4, 8] as const).map((bitDepth) => ({ colourType: 3 as const, bitDepth })),
  ...([8, 16] as const).map((bitDepth) => ({ colourType: 4 as const, bitDepth })),
  ...([8, 16] as const).map((bitDepth) => ({ colourType: 6 as const, bitDepth })),
];

const NAMES = { 0: 'grey', 2: 'RGB', 3: 'palette', 4: 'grey and alpha', 6: 'RGBA' };

function raw(kind: (typeof KINDS)[number], interlaced: boolean): RawPng {
  const base = { width: WIDTH, height: HEIGHT, ...kind, sample: noise(kind.bitDepth), interlaced };
  if (kind.colourType !== 3) return base;
  const next = random(99);
  const palette = Array.from({ length: 3 * 2 ** kind.bitDepth }, () => Math.floor(next() * 256));
  const tRNS = Array.from({ length: 2 ** (kind.bitDepth - 1) }, () => Math.floor(next() * 256));
  return { ...base, chunks: { PLTE: palette, tRNS } };
}

describe('PNG equals libvips', () => {
  for (const kind of KINDS) {
    for (const interlaced of [false, true]) {
      const how = interlaced ? 'interlaced' : 'in order';
      it(`${NAMES[kind.colourType]}, ${kind.bitDepth} bits, ${how}, all five filters`, async () => {
        const bytes = writePng(raw(kind, interlaced));
        const edge = await decode(bytes);
        const full = await decodeFull(bytes);
        expect(edge).toMatchObject({ format: 'png', width: WIDTH, height: HEIGHT });
        // One grey level: libvips truncates where 16 bits become 8 and where alpha is applied.
        expect(difference(edge.data, full.data).max).toBeLessThanOrEqual(1);
      });
    }
  }

  it("tRNS of grey and RGB: the clear colour is white, at the file's own depth", async () => {
    const grey = {
      width: 4,
      height: 1,
      colourType: 0,
      bitDepth: 2,
      sample: (x: number) => x,
    } as const;
    const greys = await decode(writePng({ ...grey, chunks: { tRNS: [0, 1] } }));
    expect([...greys.data]).toEqual([0, 0, 0, 255, 255, 255, 170, 170, 170, 255, 255, 255]);

    const values = [0x1234, 0x1235];
    const deep = {
      width: 2,
      height: 1,
      colourType: 2,
      bitDepth: 16,
      sample: (x: number) => values[x]!,
    } as const;
    const colours = await decode(
      writePng({ ...deep, chunks: { tRNS: [0x12, 0x34, 0x12, 0x34, 0x12, 0x34] } }),
    );
    expect([...colours.data]).toEqual([255, 255, 255, 18, 18, 18]);
  });

  it('16 bits become 8 by rounding, not by dropping bits', async () => {
    const values = [0, 127, 129, 0x80ff, 0xfeff, 0xffff];
    const png = { width: 6, height: 1, colourType: 0, bitDepth: 16 } as const;
    const { data } = await decode(writePng({ ...png, sample: (x) => values[x]! }));
    expect([...data.filter((_, i) => i % 3 === 0)]).toEqual(values.map((v) => Math.round(v / 257)));
  });
});

describe('a large PNG is reduced while it streams', () => {
  const large = picture(1200, 1057);

  it.each([false, true])('to the mean of 4×4 pixels (interlaced: %s)', async (progressive) => {
    const bytes = await encoder(large).png({ progressive, adaptiveFiltering: true }).toBuffer();
    const { width, height, data, extent } = await decode(bytes);
    expect({ width, height }).toEqual({ width: 300, height: 265 });
    expect(extent).toEqual({ left: 0, top: 0, width: 300, height: 264.25 });
    expect(difference(data, boxMean(large, 4)).max).toBe(0);
  });

  it('with alpha', async () => {
    const bytes = await encoderWithAlpha(large).png().toBuffer();
    const full = boxMean(await decodeFull(bytes), 4);
    expect(difference((await decode(bytes)).data, full).max).toBeLessThanOrEqual(1);
  });
});

describe('a broken PNG', () => {
  const good = writePng(raw({ colourType: 2, bitDepth: 8 }, false));

  it('is refused at every length', async () => {
    for (let length = 8; length < good.length; length += 97) {
      expect(await refusal(good.subarray(0, length))).toMatch(/^broken_image/);
    }
  });

  it('is refused for a flipped bit anywhere after the signature', async () => {
    for (let at = 8; at < good.length; at += 89) {
      const flipped = Buffer.from(good);
      flipped[at]! ^= 1 << (at & 7);
      expect(await refusal(flipped)).toMatch(/^(broken_image|image_too_large)/);
    }
  });

  it('is refused when its rows are too few', async () => {
    const tall = Buffer.from(good);
    tall.set(chunk('IHDR', [0, 0, 0, WIDTH, 0, 0, 0, HEIGHT + 1, 8, 2, 0, 0, 0]), 8);
    expect(await refusal(tall)).toMatch('its picture data end too early');
  });
});

/** Means of n×n pixels, rounded; the last row and column may be partial. */
function boxMean(
  image: { width: number; height: number; data: Uint8Array },
  n: number,
): Uint8Array {
  const { width, height, data } = image;
  const [columns, rows] = [Math.ceil(width / n), Math.ceil(height / n)];
  const out = new Uint8Array(columns * rows * 3);
  for (let i = 0; i < out.length; i++) {
    const channel = i % 3;
    const x0 = (Math.floor(i / 3) % columns) * n;
    const y0 = Math.floor(i / 3 / columns) * n;
    let sum = 0;
    let count = 0;
    for (let y = y0; y < Math.min(y0 + n, height); y++) {
      for (let x = x0; x < Math.min(x0 + n, width); x++, count++)
        sum += data[(y * width + x) * 3 + channel]!;
    }
    out[i] = Math.floor((sum + (count >> 1)) / count);
  }
  return out;
}
