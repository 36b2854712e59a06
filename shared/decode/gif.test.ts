import { decode, refusal } from '@hebb/test/decode/edge';
import { type RawGif, writeGif } from '@hebb/test/decode/gif-writer';
import { difference, encoder, encoderWithAlpha, picture, random } from '@hebb/test/decode/pictures';
import { decodeFull } from '@hebb/test/support/sharp-decode';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';

const photo = picture(300, 270);
const next = random(3);
const palette = Array.from({ length: 256 * 3 }, () => Math.floor(next() * 256));

const raw: RawGif = {
  width: 61,
  height: 43,
  frame: { x: 0, y: 0, width: 61, height: 43 },
  palette,
  index: (x, y) => (x * 7 + y * 31) & 255,
};

describe('GIF equals libvips', () => {
  const variants = {
    'in order': encoder(photo).gif({ effort: 1 }),
    interlaced: encoder(photo).gif({ progressive: true, effort: 1 }),
    'four colours': encoder(photo).gif({ colours: 4, effort: 1 }),
    'two colours': encoder(photo).gif({ colours: 2, effort: 1 }),
    'clear in places': encoderWithAlpha(photo).gif({ effort: 1 }),
  };
  it.each(Object.entries(variants))('%s', async (_, image) => {
    const bytes = await image.toBuffer();
    const [edge, full] = [await decode(bytes), await decodeFull(bytes)];
    expect(edge).toMatchObject({ format: 'gif', sourceWidth: 300, sourceHeight: 270 });
    expect(difference(edge.data, full.data).max).toBe(0);
  });

  const frames: Record<string, RawGif> = {
    'a global palette': raw,
    'a local palette': { ...raw, local: true },
    'interlaced, its height no multiple of 8': { ...raw, interlaced: true },
    'a clear colour': { ...raw, transparent: 31 },
  };
  it.each(Object.entries(frames))('%s', async (_, gif) => {
    const bytes = writeGif(gif);
    const [edge, full] = [await decode(bytes), await decodeFull(bytes)];
    expect(difference(edge.data, full.data).max).toBe(0);
  });

  it('the first frame of an animation', async () => {
    const pages = [photo, picture(300, 270, 5)].map((p) => encoder(p).png().toBuffer());
    const animated = await sharp(await Promise.all(pages), { join: { animated: true } })
      .gif()
      .toBuffer();
    const [edge, full] = [await decode(animated), await decodeFull(animated)];
    expect(difference(edge.data, full.data).max).toBe(0);
  });
});

it('is white outside a frame that is smaller than the canvas', async () => {
  const frame = { x: 9, y: 5, width: 30, height: 20 };
  const { data } = await decode(writeGif({ ...raw, frame }));
  const expected = new Uint8Array(61 * 43 * 3).fill(255);
  for (let y = 0; y < frame.height; y++) {
    for (let x = 0; x < frame.width; x++) {
      const colour = raw.index(x, y) * 3;
      expected.set(palette.slice(colour, colour + 3), ((y + frame.y) * 61 + x + frame.x) * 3);
    }
  }
  expect(data).toEqual(expected);
});

it('is reduced while it is decoded', async () => {
  const size = { width: 1100, height: 1030 };
  const flat = (x: number, y: number) => (Math.floor(x / 4) + Math.floor(y / 4) * 3) & 255;
  const frame = { x: 0, y: 0, ...size };
  const bytes = writeGif({ ...raw, ...size, frame, index: flat, interlaced: true });
  const edge = await decode(bytes);
  expect(edge).toMatchObject({ width: 275, height: 258, sourceWidth: 1100, sourceHeight: 1030 });
  const colour = flat(4 * 17, 4 * 100) * 3;
  const at = (100 * 275 + 17) * 3;
  expect([...edge.data.subarray(at, at + 3)]).toEqual(palette.slice(colour, colour + 3));
});

describe('a broken GIF', () => {
  it('is refused at every length', async () => {
    const bytes = writeGif(raw);
    for (let length = 6; length < bytes.length - 3; length += 41) {
      expect(await refusal(bytes.subarray(0, length))).toMatch(/^broken_image/);
    }
  });

  it('is refused when its codes end before its pixels', async () => {
    const bytes = writeGif(raw);
    const frame = bytes.lastIndexOf(Buffer.from([0x2c, 0, 0, 0, 0, 61, 0]));
    bytes.writeUInt16LE(44, frame + 7); // a row more than there is
    expect(await refusal(bytes)).toMatch('its picture data end too early');
  });
});
