/**
 * HEIC at the GPU tier, by files that libheif and x265 made (make.py) of a picture that is known here.
 */

import { FileDecoder } from '@hebb/images/file';
import { DecodeThreads } from '@hebb/images/threads';
import { type Orientation, orient, type RgbImage, toInput } from '@hebb/model';
import { HEIC_FILES } from '@hebb/test/decode/heic/files';
import { random } from '@hebb/test/decode/pictures';
import { expect, it } from 'vitest';

type Name = keyof typeof HEIC_FILES;

const decoder = new FileDecoder();
const bytesOf = (name: Name) => new Uint8Array(Buffer.from(HEIC_FILES[name], 'base64'));
const whole = (source: Uint8Array) => decoder.image(source, { rule: 'warp', size: 1 }, 1);

/** As `picture` of make.py: smooth, and another one however it is turned. */
function picture(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  const [w, h] = [width - 1, height - 1];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      data[at] = Math.floor((255 * x) / w);
      data[at + 1] = Math.floor((255 * y) / h);
      data[at + 2] = 255 - Math.floor((255 * x * y) / (w * h));
    }
  }
  return { width, height, data };
}

function overWhite(image: RgbImage): RgbImage {
  const data = image.data.map((colour, i) => {
    const alpha = Math.floor((255 * (Math.floor(i / 3) % image.width)) / (image.width - 1));
    return 255 - ((255 - colour) * alpha) / 255;
  });
  return { ...image, data };
}

/** Peak signal-to-noise ratio, dB: 40 is a mean error of 2 grey levels. */
function psnr(a: Uint8Array, b: Uint8Array): number {
  expect(a.length).toBe(b.length);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return 10 * Math.log10(255 ** 2 / (sum / a.length));
}

const plain = picture(96, 64);
const turned = (orientation: Orientation) => orient(plain, orientation);

it.each<[Name, string, RgbImage]>([
  ['plain', 'as it is', plain],
  ['turned', 'upright, turned once: by irot, and not by EXIF again', turned(6)],
  ['mirrored', 'upright, with imir', turned(5)],
  ['alpha', 'over white', overWhite(plain)],
  ['displayP3', 'in sRGB, of a profile of Display P3', plain],
  ['nclxP3', 'in sRGB, of code points', plain],
  ['grid', 'in one piece, of tiles', picture(160, 96)],
  ['deep', 'of 8 bits, of 10', plain],
])('%s: the picture %s', async (name, _how, { width, height, data }) => {
  const image = await whole(bytesOf(name));
  expect(image).toMatchObject({ format: 'heic', width, height });
  expect(image).toMatchObject({ sourceWidth: width, sourceHeight: height });
  expect(psnr(image.data, data)).toBeGreaterThan(40);
});

it('the network’s input is the one of its pixels, in a thread too', async () => {
  const preprocessing = { resize: { rule: 'warp', size: 32 }, crop: 28 } as const;
  const input = await decoder.input(bytesOf('displayP3'), preprocessing);
  const expected = toInput(plain, preprocessing);
  expect(psnr(input, expected)).toBeGreaterThan(40);
  const threads = new DecodeThreads(1);
  try {
    expect(await threads.input(bytesOf('displayP3'), preprocessing)).toEqual(input);
  } finally {
    await threads.close();
  }
});

/** The file with its first `from` written over by `to`, which is as long. */
function patched(name: Name, from: string, to: string): Uint8Array {
  const file = Buffer.from(bytesOf(name));
  const at = file.indexOf(from, 0, 'latin1');
  expect(at).toBeGreaterThan(0);
  file.write(to, at, 'latin1');
  return new Uint8Array(file);
}

/** The size that the header tells: 'ispe', after its version and flags. */
const sized = (width: number, height: number) => {
  const file = patched('plain', 'ispe', 'ispe');
  const view = new DataView(file.buffer);
  const at = Buffer.from(file).indexOf('ispe', 0, 'latin1') + 8;
  view.setUint32(at, width);
  view.setUint32(at + 4, height);
  return file;
};

it.each<[code: string, what: string, file: () => Uint8Array]>([
  ['broken_image', 'cut off in its boxes', () => bytesOf('plain').subarray(0, 200)],
  ['broken_image', 'cut off in its picture', () => bytesOf('plain').subarray(0, -400)],
  ['broken_image', 'a tile short', () => bytesOf('grid').subarray(0, -100)],
  ['broken_image', 'nothing but its brand', () => bytesOf('plain').subarray(0, 28)],
  ['broken_image', 'of another size than it says', () => sized(640, 480)],
  ['image_too_large', 'of more pixels than are decoded', () => sized(20_000, 20_000)],
  ['image_too_large', 'of more memory than may be used', () => sized(16_380, 16_380)],
  ['unsupported_format', 'of a codec that is not there', () => patched('plain', 'hvc1', 'avc1')],
  [
    'unsupported_format',
    'a sequence without a still',
    () => Buffer.from('\0\0\0\x18ftyphevc\0\0\0\0msf1hevc\0\0\0\x08moov', 'latin1'),
  ],
])('%s: %s', async (code, _what, file) => {
  await expect(whole(file())).rejects.toMatchObject({ code });
});

it('a file that is damaged anywhere gives a picture or a typed error, and the next one is read', async () => {
  const any = random(7);
  const codes = new Map<string, number>();
  for (let round = 0; round < 100; round++) {
    const names = (Object.keys(HEIC_FILES) as Name[]).filter((name) => name !== 'large');
    const file = bytesOf(names[round % names.length]!);
    for (let change = 0; change < 1 + (round % 4); change++) {
      file[Math.floor(any() * file.length)] = Math.floor(any() * 256);
    }
    const code = await whole(file).then(
      () => 'a picture',
      (error: { code?: string }) => error.code ?? String(error),
    );
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  const expected = ['a picture', 'broken_image', 'unsupported_format', 'image_too_large'];
  expect(expected).toEqual(expect.arrayContaining([...codes.keys()]));
  expect(codes.size).toBeGreaterThan(1);
  expect(psnr((await whole(bytesOf('plain'))).data, plain.data)).toBeGreaterThan(40);
});
