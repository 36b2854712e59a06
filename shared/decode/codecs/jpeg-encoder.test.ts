import { instantiate } from '@hebb/test/codecs/instance';
import { decode } from '@hebb/test/decode/edge';
import { difference, encoder, picture } from '@hebb/test/decode/pictures';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { encodeJpeg } from './jpeg-encoder.ts';

/** Decibels over a grey level of 255; infinite when equal. */
function psnr(a: Uint8Array, b: Uint8Array): number {
  const squares = a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
  return 10 * Math.log10((255 ** 2 * a.length) / squares);
}

const encode = (image: Parameters<typeof encodeJpeg>[1], quality: number) =>
  encodeJpeg(instantiate('jpeg-encoder'), image, quality);

describe('a JPEG that was encoded here', () => {
  const photo = picture(301, 203);

  it('is as close to the picture as a JPEG of libvips with the same quality', async () => {
    for (const quality of [60, 80, 95]) {
      const file = encode(photo, quality);
      const theirs = await encoder(photo).jpeg({ quality, chromaSubsampling: '4:2:0' }).toBuffer();
      const [ours, other] = [await decode(file), await decode(theirs)];
      expect(psnr(ours.data, photo.data)).toBeGreaterThan(psnr(other.data, photo.data) - 0.1);
      expect(file.length).toBeLessThan(theirs.length * 1.02);
    }
  });

  it('gives the same pixels in libvips and here', async () => {
    const file = encode(photo, 90);
    const theirs = await sharp(file).raw().toBuffer();
    expect(difference((await decode(file)).data, theirs)).toEqual({ mean: 0, max: 0 });
    expect(await sharp(file).metadata()).toMatchObject({
      width: 301,
      height: 203,
      chromaSubsampling: '4:2:0',
      isProgressive: false,
    });
  });

  it('may be of one pixel, or longer than the first buffer', async () => {
    const dot = encode({ width: 1, height: 1, data: Uint8Array.of(200, 10, 30) }, 90);
    expect(await decode(dot)).toMatchObject({ width: 1, height: 1 });
    const noise = picture(900, 700);
    const large = encode(noise, 100);
    expect(large.length).toBeGreaterThan(300_000);
    const [ours, original] = [await sharp(large).raw().toBuffer(), noise.data];
    expect(psnr(ours, original)).toBeGreaterThan(35);
  });
});
