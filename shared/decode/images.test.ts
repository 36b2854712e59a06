import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileDecoder } from '@hebb/images/file';
import { imageFiles } from '@hebb/images/images';
import { toInput } from '@hebb/model';
import { difference, encoder, encoderWithAlpha, picture } from '@hebb/test/decode/pictures';
import { PREPROCESSING } from '@hebb/test/decode/settings';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hebb-images-'));
});
afterAll(() => rm(dir, { recursive: true }));

describe('a folder of images', () => {
  it('is listed recursively, sorted, with labels', async () => {
    const set = join(dir, 'set');
    const files = [
      'train/roses/b.JPG',
      'train/roses/a.png',
      'train/tulips/c.webp',
      'train/notes.txt',
    ];
    files.push('n01440764_tench.JPEG', 'train/roses/.hidden.jpg', 'plain.avif', 'IMG_1.HEIC');
    for (const file of files) {
      await mkdir(join(set, file, '..'), { recursive: true });
      await writeFile(join(set, file), '');
    }
    expect(await imageFiles(set)).toEqual([
      { path: join(set, 'IMG_1.HEIC') },
      { path: join(set, 'n01440764_tench.JPEG'), label: 'n01440764' },
      { path: join(set, 'plain.avif') },
      { path: join(set, 'train/roses/a.png'), label: 'roses' },
      { path: join(set, 'train/roses/b.JPG'), label: 'roses' },
      { path: join(set, 'train/tulips/c.webp'), label: 'tulips' },
    ]);
  });

  it('that is not there is a typed error', async () => {
    await expect(imageFiles(join(dir, 'nowhere'))).rejects.toMatchObject({
      code: 'file_not_found',
    });
  });
});

describe('FileDecoder', () => {
  const photo = picture(61, 47);
  const decoder = new FileDecoder();
  const whole = (source: string | Uint8Array) =>
    decoder.image(source, { rule: 'warp', size: 1 }, 1);

  it('gives RGB of 8 bits, whatever the file holds', async () => {
    const files = {
      grey: encoder(photo).toColourspace('b-w').jpeg(),
      cmyk: encoder(photo).toColourspace('cmyk').jpeg(),
      deep: encoder(photo).toColourspace('rgb16').png(),
      palette: encoder(photo).png({ palette: true }),
      alpha: encoderWithAlpha(photo).webp(),
      'grey and alpha': encoderWithAlpha(photo).toColourspace('b-w').png(),
    };
    for (const image of Object.values(files)) {
      const { width, height, data } = await whole(await image.toBuffer());
      expect([width, height, data.length]).toEqual([61, 47, 61 * 47 * 3]);
    }
    const clear = await whole(await encoderWithAlpha(picture(300, 2)).png().toBuffer());
    expect([...clear.data.subarray(299 * 3, 300 * 3)].every((value) => value > 250)).toBe(true);
  });

  it('reads a path or bytes, and resizes as the edge does', async () => {
    const path = join(dir, 'photo.png');
    const bytes = await encoder(photo).png().toBuffer();
    await writeFile(path, bytes);
    const expected = toInput(photo, PREPROCESSING);
    expect(difference(await decoder.input(path, PREPROCESSING), expected).max).toBe(0);
    expect(difference(await decoder.input(bytes, PREPROCESSING), expected).max).toBe(0);
  });

  it('converts colours to sRGB', async () => {
    const tagged = await encoder(photo).withIccProfile('p3').png().toBuffer();
    const asStored = await sharp(tagged, { ignoreIcc: true }).raw().toBuffer();
    expect(difference(asStored, photo.data).mean).toBeGreaterThan(1);
    expect(difference((await whole(tagged)).data, photo.data).mean).toBeLessThan(0.5);
    const input = await decoder.input(tagged, PREPROCESSING);
    expect(difference(input, toInput(photo, PREPROCESSING)).mean).toBeLessThan(0.5);
  });

  it('of a broken, foreign or absent file is a typed error', async () => {
    const cut = (await encoder(photo).jpeg().toBuffer()).subarray(0, 700);
    await expect(whole(cut)).rejects.toMatchObject({ code: 'broken_image' });
    await expect(whole(Buffer.from('hello'))).rejects.toMatchObject({
      code: 'unsupported_format',
    });
    await expect(whole(join(dir, 'no.jpg'))).rejects.toMatchObject({ code: 'file_not_found' });
  });
});
