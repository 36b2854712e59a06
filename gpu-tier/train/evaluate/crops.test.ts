import { type ReducedImage, resizeTo, toInput } from '@hebb/model';
import { randomPixels } from '@hebb/test/support/random-quantized';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { averageCrops, cropsOf, decodingTarget, mirrored, scalesOf } from './crops.ts';

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

/** A square cut out by another library. */
async function extract(from: ReducedImage, left: number, top: number, size: number) {
  const { width, height } = from;
  const raw = sharp(from.data, { raw: { width, height, channels: 3 } });
  const square = raw.extract({ left, top, width: size, height: size });
  return { width: size, height: size, data: new Uint8Array(await square.raw().toBuffer()) };
}

const place = (along: 'x' | 'y', offset: number): [left: number, top: number] =>
  along === 'x' ? [offset, 0] : [0, offset];

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

  // With a crop of 28 pixels the scales are 32, 36, 40 and 44.
  it.each([
    ['left, centre and right square of a landscape', 96, 64, 'x', [48, 54, 60, 66]],
    ['top, centre and bottom square of a portrait', 64, 96, 'y', [48, 54, 60, 66]],
  ] as const)(
    'are 144: four scales, %s, six crops, mirrored',
    async (_, width, height, along, longer) => {
      const source = { ...image, width, height };
      const views = cropsOf(source, { resize: { rule: 'warp', size: 32 }, crop: 28 }, 144);
      const expected: Uint8Array[] = [];
      for (const [i, side] of [32, 36, 40, 44].entries()) {
        const [w, h] = along === 'x' ? [longer[i]!, side] : [side, longer[i]!];
        const whole = resizeTo(source, w, h);
        for (const offset of [0, (longer[i]! - side) / 2, longer[i]! - side]) {
          const square = await extract(whole, ...place(along, offset), side);
          const rest = side - 28;
          for (const [left, top] of [
            [0, 0],
            [rest, 0],
            [0, rest],
            [rest, rest],
            [rest / 2, rest / 2],
          ]) {
            expected.push((await extract(square, left!, top!, 28)).data);
          }
          expected.push(resizeTo(square, 28, 28).data);
        }
      }
      expect(expected).toHaveLength(72);
      const length = 28 * 28 * 3;
      expect(views.length).toBe(144 * length);
      for (const [k, view] of expected.entries()) {
        expect(views.slice(k * length, (k + 1) * length), `view ${k}`).toEqual(view);
        const other = views.slice((k + 72) * length, (k + 73) * length);
        expect(other, `view ${k + 72}`).toEqual(mirrored(view, 28));
      }
    },
  );

  it('have the scales of the paper, in proportion to the crop', () => {
    expect(scalesOf(224)).toEqual([256, 288, 320, 352]);
    expect(scalesOf(128)).toEqual([146, 165, 183, 201]);
  });

  it('need as many pixels as the largest scale, whatever the package resizes to', () => {
    const warp = { resize: { rule: 'warp', size: 256 }, crop: 224 } as const;
    expect(decodingTarget(warp, 10)).toEqual(warp.resize);
    expect(decodingTarget(warp, 144)).toEqual({ rule: 'shorter-side', size: 352 });
  });

  it('enlarge a photograph that is smaller than a scale', () => {
    const data = new Uint8Array(20 * 30 * 3).fill(77);
    const views = cropsOf({ width: 20, height: 30, data }, preprocessing, 144);
    expect(views.length).toBe(144 * VIEW);
    expect(views.every((value) => value === 77)).toBe(true);
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
