import { decode, refusal } from '@hebb/test/decode/edge';
import { difference, encoder, encoderWithAlpha, picture } from '@hebb/test/decode/pictures';
import { animation } from '@hebb/test/decode/webp-writer';
import { decodeFull } from '@hebb/test/support/sharp-decode';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';

const photo = picture(301, 262);

describe('WebP equals libvips', () => {
  const variants = {
    lossy: encoder(photo).webp(),
    lossless: encoder(photo).webp({ lossless: true }),
    'near lossless': encoder(photo).webp({ nearLossless: true }),
    'lossy with alpha': encoderWithAlpha(photo).webp(),
    'lossless with alpha': encoderWithAlpha(photo).webp({ lossless: true }),
    'with metadata': encoder(photo)
      .withExif({ IFD0: { Copyright: 'nobody' } })
      .webp(),
  };
  it.each(Object.entries(variants))('%s', async (_, image) => {
    const bytes = await image.toBuffer();
    const [edge, full] = [await decode(bytes), await decodeFull(bytes)];
    expect(edge).toMatchObject({ format: 'webp', sourceWidth: 301, sourceHeight: 262 });
    // One grey level: libvips truncates where alpha is applied.
    expect(difference(edge.data, full.data).max).toBeLessThanOrEqual(1);
  });
});

describe('an animation gives its first frame', () => {
  it('as encoded by libwebp', async () => {
    const frames = [photo, picture(301, 262, 2)].map((p) => encoder(p).png().toBuffer());
    const pages = await Promise.all(frames);
    const bytes = await sharp(pages, { join: { animated: true } })
      .webp({ lossless: true })
      .toBuffer();
    const edge = await decode(bytes);
    expect(edge).toMatchObject({ sourceWidth: 301, sourceHeight: 262 });
    expect(difference(edge.data, photo.data).max).toBe(0);
  });

  it('at its place on a white canvas', async () => {
    const small = picture(20, 10);
    const still = await encoder(small).webp({ lossless: true }).toBuffer();
    const bytes = animation(still.subarray(12), {
      width: 64,
      height: 48,
      x: 30,
      y: 8,
      frame: small,
    });
    const edge = await decode(bytes);
    const full = await decodeFull(bytes);
    expect(difference(edge.data, full.data).max).toBe(0);
    expect([...edge.data.subarray(0, 3)]).toEqual([255, 255, 255]);
  });

  it('unless it lies outside the canvas', async () => {
    const small = picture(20, 10);
    const still = await encoder(small).webp({ lossless: true }).toBuffer();
    const bytes = animation(still.subarray(12), {
      width: 40,
      height: 48,
      x: 30,
      y: 8,
      frame: small,
    });
    expect(await refusal(bytes)).toMatch('its first frame lies outside the canvas');
  });
});

describe('a large WebP', () => {
  it('is reduced from the codec’s own memory', async () => {
    const bytes = await encoder(picture(1100, 1030)).webp({ quality: 90 }).toBuffer();
    const edge = await decode(bytes);
    expect(edge).toMatchObject({ width: 275, height: 258, sourceWidth: 1100, sourceHeight: 1030 });
    const full = await decodeFull(bytes);
    const thumb = await encoder(full)
      .resize(275, 258, { kernel: 'linear', fit: 'fill' })
      .raw()
      .toBuffer();
    expect(difference(edge.data, thumb).mean).toBeLessThan(2);
  });
});

describe('a broken WebP', () => {
  it.each([false, true])('is refused wherever it is cut (lossless: %s)', async (lossless) => {
    const bytes = await encoder(photo).webp({ lossless }).toBuffer();
    for (const share of [0.003, 0.01, 0.3, 0.9, 0.999]) {
      const cut = bytes.subarray(0, Math.max(12, Math.floor(bytes.length * share)));
      expect(await refusal(cut)).toMatch(/^broken_image/);
    }
  });
});
