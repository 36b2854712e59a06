import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { type Orientation, orient } from '../index.ts';

const WIDTH = 5;
const HEIGHT = 3;
const data = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => i * 5);
const image = { width: WIDTH, height: HEIGHT, data };
const orientations: Orientation[] = [1, 2, 3, 4, 5, 6, 7, 8];

describe('orientation', () => {
  it.each(orientations)('%i stands upright as libvips turns it', async (orientation) => {
    const stored = sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
    const tagged = await stored.withMetadata({ orientation }).png().toBuffer();
    const upright = sharp(tagged, { autoOrient: true }).raw();
    const { data: expected, info } = await upright.toBuffer({ resolveWithObject: true });
    const turned = orient(image, orientation);
    expect([turned.width, turned.height]).toEqual([info.width, info.height]);
    expect([...turned.data]).toEqual([...expected]);
  });

  it.each(orientations)('%i turns the extent with the pixels', (orientation) => {
    // The last column and row are covered by a quarter: after turning, the partial ones are where
    // those pixels went.
    const extent = { left: 0, top: 0, width: WIDTH - 0.75, height: HEIGHT - 0.75 };
    const corner = new Uint8Array(WIDTH * HEIGHT * 3).fill(255, (WIDTH * HEIGHT - 1) * 3);
    const turned = orient({ ...image, data: corner, extent }, orientation);
    const at = turned.data.indexOf(255) / 3;
    const [x, y] = [at % turned.width, Math.floor(at / turned.width)];
    const { left, top, width, height } = turned.extent!;
    expect(left).toBe(x === 0 ? 0.75 : 0);
    expect(top).toBe(y === 0 ? 0.75 : 0);
    expect([left + width, top + height]).toEqual([
      x === 0 ? turned.width : turned.width - 0.75,
      y === 0 ? turned.height : turned.height - 0.75,
    ]);
  });
});
