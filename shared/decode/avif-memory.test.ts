/** The memory told from an AVIF's header, held against what decoding takes. */

import { encodeAvif } from '@hebb/test/decode/avif-encoder';
import {
  grid,
  ispe,
  readItems,
  withoutProperty,
  withProperties,
  writeAvif,
} from '@hebb/test/decode/avif-writer';
import { decode } from '@hebb/test/decode/edge';
import { encoder, encoderWithAlpha, picture } from '@hebb/test/decode/pictures';
import { PREPROCESSING } from '@hebb/test/decode/settings';
import { newArena } from '@hebb/test/support/codecs';
import { describe, expect, it } from 'vitest';
import { planDecode } from './plan.ts';
import type { Reduction } from './reduce.ts';

const REDUCTIONS: readonly Reduction[] = [1, 2, 8];

/** Never less than what is taken, at most 15 % and 1.5 MB more. */
async function expectTold(file: Uint8Array): Promise<void> {
  for (const reduction of REDUCTIONS) {
    const arena = newArena();
    await decode(file, { arena, reduction });
    const told = planDecode(file, PREPROCESSING.resize, reduction).bytes;
    expect(arena.usedBytes).toBeLessThanOrEqual(told);
    expect(told).toBeLessThan(arena.usedBytes * 1.15 + 1.5e6);
  }
}

const sizes: readonly (readonly [width: number, height: number])[] = [
  [33, 17],
  [640, 480],
  [1025, 769], // strides of a multiple of 1024 are padded
  // `npm run test:all` only
  ...(process.env.HEBB_TEST_ALL === '1'
    ? ([
        [3000, 200],
        [200, 3000],
        [1920, 1080],
      ] as const)
    : []),
];

describe.each(sizes)('%i×%i', (width, height) => {
  const photo = picture(width, height);

  it.each([8, 10, 12] as const)('%i bits', async (bitdepth) => {
    for (const chromaSubsampling of ['4:2:0', '4:4:4']) {
      for (const image of [encoder(photo), encoderWithAlpha(photo)]) {
        const options = { effort: 0, bitdepth, chromaSubsampling };
        await expectTold(await image.avif(options).toBuffer());
      }
    }
    await expectTold(await encoder(photo).greyscale().avif({ effort: 0, bitdepth }).toBuffer());
  });

  it.each(['4:0:0', '4:2:2'] as const)('%s by libaom', async (chroma) => {
    for (const alpha of [false, true]) {
      await expectTold(await encodeAvif(photo, { chroma, alpha }));
    }
  });

  it('with film grain', async () => {
    for (const alpha of [false, true]) {
      await expectTold(await encodeAvif(photo, { grain: 30, alpha }));
    }
  });
});

describe('a grid', () => {
  it.each([
    [1, 2, 640, 480],
    [4, 4, 256, 256],
    [3, 2, 512, 320],
  ] as const)('of %i×%i tiles of %i×%i', async (rows, columns, width, height) => {
    const file = await encoderWithAlpha(picture(width, height)).avif({ effort: 0 }).toBuffer();
    const [colour, alpha] = readItems(file);
    const count = rows * columns;
    const whole = grid(rows, columns, columns * width, rows * height);
    const tiles = Array<typeof colour>(count)
      .fill(colour)
      .map((tile) => tile!);
    const to = (first: number) => tiles.map((_, i) => first + i);
    const opaque = [{ type: 'dimg', from: 1, to: to(2) }] as const;
    await expectTold(writeAvif({ items: [whole, ...tiles], references: opaque }));

    const auxiliary = alpha!.properties.find((property) => property.includes('auxC'))!;
    const plane = withProperties(whole, auxiliary);
    const alphas = tiles.map(() => withoutProperty(alpha!, 'auxC'));
    const references = [
      ...opaque,
      { type: 'dimg', from: count + 2, to: to(count + 3) },
      { type: 'auxl', from: count + 2, to: [1] },
    ] as const;
    await expectTold(writeAvif({ items: [whole, ...tiles, plane, ...alphas], references }));
  });
});

it('a picture that is scaled to its size', async () => {
  const [item] = readItems(await encoder(picture(900, 700)).avif({ effort: 0 }).toBuffer());
  for (const [width, height] of [
    [450, 350],
    [1800, 1400],
  ] as const) {
    const scaled = withProperties(withoutProperty(item!, 'ispe'), ispe(width, height));
    await expectTold(writeAvif({ items: [scaled] }));
  }
});

it('Full HD in every layout of 8 bits, and 12 megapixels of 4:2:0, within 52 MB', async () => {
  const arena = newArena(52e6);
  const clear = encoderWithAlpha(picture(1920, 1080)).avif({ effort: 0 });
  await decode(await clear.toBuffer(), { arena, reduction: 1 });
  const large = encoder(picture(4000, 3000)).avif({ effort: 0, chromaSubsampling: '4:2:0' });
  await decode(await large.toBuffer(), { arena });
});
