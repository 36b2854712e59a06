import { HebbError } from '@hebb/model';
import { encoder, encoderWithAlpha, picture } from '@hebb/test/decode/pictures';
import { describe, expect, it } from 'vitest';
import { sniff } from './sniff.ts';

const photo = picture(50, 40);

describe('a header tells the format and the size', () => {
  const files = {
    jpeg: [encoder(photo).jpeg(), { progressive: false, singleScan: true, colour: 'ycc' }],
    'progressive jpeg': [
      encoder(photo).jpeg({ progressive: true }),
      { progressive: true, singleScan: false },
    ],
    'grey jpeg': [encoder(photo).toColourspace('b-w').jpeg(), { colour: 'grey' }],
    'cmyk jpeg': [encoder(photo).toColourspace('cmyk').jpeg(), { colour: 'cmyk' }],
    png: [encoder(photo).png(), { colour: 'rgb', bitDepth: 8, interlaced: false }],
    'interlaced png': [
      encoderWithAlpha(photo).png({ progressive: true }),
      { colour: 'rgba', interlaced: true },
    ],
    webp: [encoder(photo).webp(), { animated: false, frame: { lossless: false, alpha: false } }],
    'lossless webp': [
      encoderWithAlpha(photo).webp({ lossless: true }),
      { frame: { lossless: true, alpha: true } },
    ],
    avif: [
      encoder(photo).avif({ effort: 0 }),
      { coding: { frame: { bitDepth: 8, chroma: { x: 0, y: 0 } } } },
    ],
    'avif 4:2:0': [
      encoderWithAlpha(photo).avif({ effort: 0, chromaSubsampling: '4:2:0' }),
      { coding: { frame: { chroma: { x: 1, y: 1 } } }, alpha: { size: { width: 50, height: 40 } } },
    ],
    gif: [encoder(photo).gif(), { frame: { x: 0, y: 0, width: 50, height: 40 } }],
  } as const;
  it.each(Object.entries(files))('%s', async (name, [image, traits]) => {
    const format = name.split(' ').at(name.startsWith('avif') ? 0 : -1);
    expect(sniff(await image.toBuffer())).toMatchObject({
      format,
      width: 50,
      height: 40,
      ...traits,
    });
  });
});

describe('EXIF orientation', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('%i, in JPEG, PNG and WebP', async (orientation) => {
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const image = encoder(photo).withMetadata({ orientation }).toFormat(format);
      expect(sniff(await image.toBuffer())).toMatchObject({ format, orientation });
    }
  });

  it('counts as upright if the metadata are invalid', async () => {
    const file = await encoder(photo).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const exif = file.indexOf('Exif\0\0') + 6;
    for (let at = exif; at < exif + 30; at++) {
      const odd = Buffer.from(file).fill(0xee, at, at + 1);
      expect([1, 6]).toContain(sniff(odd).orientation);
    }
  });
});

describe('other formats are named, with a hint', () => {
  const latin1 = (text: string) => Buffer.from(text, 'latin1');
  const files: Record<string, [Buffer, RegExp]> = {
    'a HEIC (HEIF) photo': [
      latin1('\0\0\0\x18ftypheic\0\0\0\0mif1heic'),
      /iPhone.*Most Compatible/,
    ],
    'a TIFF or raw photo': [latin1('II*\0\x08\0\0\0'), /JPEG or PNG/],
    'a BMP image': [latin1('BM\x36\0\0\0'), /JPEG or PNG/],
    'a PDF': [latin1('%PDF-1.7'), /PNG/],
    'a JPEG XL image': [latin1('\0\0\0\x0cJXL \r\n\x87\n'), /JPEG or PNG/],
    'a JPEG 2000 image': [latin1('\0\0\0\x0cjP  \r\n\x87\n'), /JPEG or PNG/],
    'an SVG drawing': [latin1('<?xml version="1.0"?>\n<svg xmlns='), /PNG/],
    'text or a web page': [latin1('<!doctype html><title>cat.jpg</title>'), /image file itself/],
    'a video': [latin1('\0\0\0\x18ftypmp42\0\0\0\0isom'), /one frame/],
  };
  it.each(Object.entries(files))('%s', (name, [bytes, hint]) => {
    const error = thrownBy(() => sniff(bytes));
    expect(error).toMatchObject({ code: 'unsupported_format', status: 415 });
    expect(error.message).toBe(`This is ${name}, which is not decoded here.`);
    expect(error.hint).toMatch(hint);
  });

  it('unknown bytes and none at all', () => {
    expect(thrownBy(() => sniff(latin1('\x01\x02\x03\x04'))).code).toBe('unsupported_format');
    expect(thrownBy(() => sniff(new Uint8Array(0))).code).toBe('missing_image');
  });
});

describe('hostile headers', () => {
  it('sizes of zero', async () => {
    const jpeg = await encoder(photo).jpeg().toBuffer();
    jpeg.fill(
      0,
      jpeg.indexOf(Buffer.from([0xff, 0xc0])) + 5,
      jpeg.indexOf(Buffer.from([0xff, 0xc0])) + 9,
    );
    expect(thrownBy(() => sniff(jpeg)).message).toMatch('its size is 0×0');
    const png = await encoder(photo).png().toBuffer();
    png.fill(0, 16, 20);
    expect(thrownBy(() => sniff(png)).message).toMatch('its size is 0×40');
  });

  it('lengths past the end, boxes of no length, chunks that go backwards', async () => {
    const avif = await encoder(photo).avif({ effort: 0 }).toBuffer();
    avif.writeUInt32BE(0xffffffff, avif.indexOf('meta') - 4);
    expect(thrownBy(() => sniff(avif)).code).toBe('broken_image');
    const small = await encoder(photo).avif({ effort: 0 }).toBuffer();
    small.writeUInt32BE(4, small.indexOf('iprp') - 4);
    expect(thrownBy(() => sniff(small)).code).toBe('broken_image');
    const webp = await encoder(photo).withMetadata({ orientation: 3 }).webp().toBuffer();
    webp.writeUInt32LE(0xfffffff8, webp.indexOf('VP8 ') + 4);
    expect(thrownBy(() => sniff(webp)).code).toBe('broken_image');
  });
});

function thrownBy(run: () => unknown): HebbError {
  try {
    run();
  } catch (error) {
    if (error instanceof HebbError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
