import { toInput } from '@hebb/model';
import { randomPixels } from '@hebb/test/support/random-quantized';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { averageCrops, cropsOf } from './crops.ts';

const image = { width: 96, height: 64, data: randomPixels(96, 1).subarray(0, 96 * 64 * 3) };
const preprocessing = { resize: { rule: 'shorter-side', size: 48 }, crop: 32 } as const;
const VIEW = 32 * 32 * 3;

/** The k-th of ten crops, cut by another library from the whole resized image. */
async function cut(left: number, top: number, flop: boolean): Promise<Uint8Array> {
  const scaled = { rule: 'warp', size: 48 } as const;
  // The whole image is 72×48: two squares of 48 cover it.
  const [a, b] = [0, 24].map((offset) => {
    const extent = { left: (offset * 96) / 72, top: 0, width: 64, height: 64 };
    return Buffer.from(toInput({ ...image, extent }, { resize: scaled, crop: 48 }));
  });
  const raw = { width: 48, height: 48, channels: 3 } as const;
  const whole = await sharp({ create: { width: 72, height: 48, channels: 3, background: 'black' } })
    .composite([
      { input: a!, raw, left: 0, top: 0 },
      { input: b!, raw, left: 24, top: 0 },
    ])
    .removeAlpha()
    .raw()
    .toBuffer();
  const view = sharp(whole, { raw: { width: 72, height: 48, channels: 3 } }).extract({
    left,
    top,
    width: 32,
    height: 32,
  });
  return new Uint8Array(await (flop ? view.flop() : view).raw().toBuffer());
}

describe('crops', () => {
  it('are one: the centre, as in production', () => {
    expect(cropsOf(image, preprocessing, 1)).toEqual(toInput(image, preprocessing));
  });

  it('are ten: four corners and the centre of the resized image, then their mirror images', async () => {
    const views = cropsOf(image, preprocessing, 10);
    expect(views.length).toBe(10 * VIEW);
    const corners = [
      [0, 0],
      [40, 0],
      [0, 16],
      [40, 16],
      [20, 8],
    ] as const;
    for (const [k, [left, top]] of corners.entries()) {
      const at = (i: number) => views.slice(i * VIEW, (i + 1) * VIEW);
      expect(at(k), `view ${k}`).toEqual(await cut(left, top, false));
      expect(at(k + 5), `view ${k + 5}`).toEqual(await cut(left, top, true));
    }
  });

  it('are averaged image by image', () => {
    const ten = (a: number, b: number) => Array.from({ length: 10 }, () => [a, b]).flat();
    const first = ten(0.25, 0.75);
    first.splice(0, 2, 1, 0); // one crop disagrees
    const each = Float32Array.from([...first, ...ten(0.5, 0.5)]);
    const mean = averageCrops(each, 2, 10);
    expect([...mean].map((p) => Number(p.toFixed(6)))).toEqual([0.325, 0.675, 0.5, 0.5]);
    expect(averageCrops(each, 2, 1)).toBe(each);
  });
});
