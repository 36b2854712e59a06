import { HEIC_FILES } from '@hebb/test/decode/heic/files';
import { photo } from '@hebb/test/support/photos';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { isCutOff } from './inspect.ts';

const picture = sharp(await photo(1, { width: 200, height: 150 }));

const encode = (format: 'jpeg' | 'png' | 'gif' | 'webp' | 'avif') =>
  picture.clone().toFormat(format).toBuffer();

describe.each([
  ['JPEG', () => encode('jpeg')],
  ['PNG', () => encode('png')],
  ['GIF', () => encode('gif')],
  ['WebP', () => encode('webp')],
  ['AVIF', () => encode('avif')],
  ['HEIC', async () => Buffer.from(HEIC_FILES.plain, 'base64')],
])('a %s file', (_format, file) => {
  it('is truncated when its end is missing, and not when it is complete', async () => {
    const bytes = await file();
    expect(isCutOff(bytes)).toBe(false);
    expect(isCutOff(Buffer.concat([bytes, Buffer.alloc(16)]))).toBe(false); // some cameras add padding
    expect(isCutOff(bytes.subarray(0, bytes.length - 100))).toBe(true);
    expect(isCutOff(bytes.subarray(0, 20))).toBe(true);
  });
});

it('does not judge files of other formats', () => {
  expect(isCutOff(Buffer.from('text'))).toBe(false);
  expect(isCutOff(Buffer.alloc(0))).toBe(false);
});
