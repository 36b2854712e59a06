import { decode, refusal } from '@hebb/test/decode/edge';
import { encoder, encoderWithAlpha, picture } from '@hebb/test/decode/pictures';
import { writePng } from '@hebb/test/decode/png-writer';
import { PREPROCESSING } from '@hebb/test/decode/settings';
import { newArena } from '@hebb/test/support/codecs';
import type { Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { DecodeArena } from './arena.ts';
import { planDecode } from './plan.ts';

const { resize: target } = PREPROCESSING;
const photo = picture(900, 700);
const plain = () => encoder(photo);
const clear = () => encoderWithAlpha(photo);

/** Never less than what is taken, and not much more. */
describe('the memory planned from the header', () => {
  const images: Record<string, Sharp> = {
    'JPEG baseline': plain().jpeg(),
    'JPEG 4:4:4': plain().jpeg({ chromaSubsampling: '4:4:4' }),
    'JPEG progressive': plain().jpeg({ progressive: true }),
    'JPEG grey': plain().toColourspace('b-w').jpeg(),
    'JPEG CMYK': plain().toColourspace('cmyk').jpeg(),
    'JPEG CMYK progressive': plain().toColourspace('cmyk').jpeg({ progressive: true }),
    'WebP lossy': plain().webp({ effort: 0 }),
    // From effort 1 on libwebp writes alpha that needs ARGB in memory; the header does not tell.
    'WebP lossy, alpha': clear().webp({ effort: 1 }),
    'WebP lossless': plain().webp({ lossless: true, effort: 0 }),
    'WebP lossless, alpha': clear().webp({ lossless: true, effort: 0 }),
    'AVIF 4:2:0': plain().avif({ effort: 0, chromaSubsampling: '4:2:0' }),
    'AVIF 4:4:4': plain().avif({ effort: 0 }),
    'AVIF 10 bits': plain().avif({ effort: 0, bitdepth: 10 }),
    'AVIF with alpha': clear().avif({ effort: 0 }),
  };
  it.each(Object.entries(images))('%s', async (_, image) => {
    const bytes = await image.toBuffer();
    const arena = newArena();
    await decode(bytes, { arena });
    const told = planDecode(bytes, target).bytes;
    expect(arena.usedBytes).toBeLessThanOrEqual(told);
    expect(told).toBeLessThan(arena.usedBytes * 1.15 + 1.5e6);
  });

  it.each(Object.entries(images))('%s, turned', async (_, image) => {
    const bytes = await image.withMetadata({ orientation: 6 }).toBuffer();
    const arena = newArena();
    await decode(bytes, { arena });
    expect(arena.usedBytes).toBeLessThanOrEqual(planDecode(bytes, target).bytes);
  });
});

describe('more than the arena has', () => {
  it('names both figures, before anything is decoded', async () => {
    const bytes = await plain().webp().toBuffer();
    const noCodecs = new DecodeArena({} as never, 500_000);
    expect(await refusal(bytes, { arena: noCodecs })).toMatch(
      /^image_too_large: Decoding this WEBP of 900×700 pixels takes \d\.\d MB, and 0\.5 MB may be used\.$/,
    );
  });

  it('more pixels than any camera has, whatever they would take', async () => {
    const white = { colourType: 0, bitDepth: 1, sample: () => 1, filter: () => 0 } as const;
    const bytes = writePng({ ...white, width: 64, height: 64 });
    bytes.writeUInt32BE(400_000, 16);
    bytes.writeUInt32BE(400_000, 20);
    expect(await refusal(bytes, { arena: newArena(4e9) })).toMatch(
      'image_too_large: The image has 400000×400000 pixels, and at most 268 megapixels are decoded.',
    );
  });
});

describe('the arena', () => {
  const small = () => encoder(picture(300, 300)).jpeg().toBuffer();

  it('is as large as the largest image needed, also afterwards', async () => {
    const arena = newArena();
    const first = await decode(await small(), { arena });
    const afterFirst = arena.memoryBytes();
    expect(afterFirst).toBeLessThan(1.5e6);
    const webp = await encoder(photo).webp({ lossless: true, effort: 0 }).toBuffer();
    await decode(webp, { arena });
    const afterLarge = arena.memoryBytes();
    expect(afterLarge).toBeGreaterThan(900 * 700 * 4);
    for (let i = 0; i < 20; i++) {
      expect(await decode(await small(), { arena })).toEqual(first);
      expect(await refusal(webp.subarray(0, webp.length >> 1), { arena })).toMatch('broken_image');
    }
    await decode(webp, { arena });
    expect(arena.memoryBytes()).toBe(afterLarge);
  });

  it('serves images that are decoded at the same time', async () => {
    const arena = newArena();
    const files = await Promise.all([
      small(),
      plain().webp().toBuffer(),
      plain().avif({ effort: 0 }).toBuffer(),
      plain().png().toBuffer(),
      plain().jpeg({ progressive: true }).toBuffer(),
    ]);
    const alone = await Promise.all(files.map((file) => decode(file, { arena: newArena() })));
    const many = await Promise.all(
      Array.from({ length: 25 }, (_, i) => decode(files[i % 5]!, { arena })),
    );
    for (const [i, image] of many.entries()) expect(image).toEqual(alone[i % 5]);
  });

  it('is small again after it was dropped', async () => {
    const arena = newArena();
    await decode(await plain().webp().toBuffer(), { arena });
    arena.drop();
    expect(arena.memoryBytes()).toBe(0);
    await decode(await small(), { arena });
    expect(arena.memoryBytes()).toBeLessThan(1.5e6);
  });

  it('never exceeds its limit', async () => {
    const arena = newArena(2e6);
    const large = await plain().webp({ lossless: true, effort: 0 }).toBuffer();
    expect(await refusal(large, { arena })).toMatch('image_too_large');
    expect(arena.memoryBytes()).toBeLessThan(2e6);
    await decode(await small(), { arena });
  });
});
