import { decode, refusal } from '@hebb/test/decode/edge';
import { withAdobeTransform } from '@hebb/test/decode/metadata';
import { difference, encoder, picture } from '@hebb/test/decode/pictures';
import { decodeFull } from '@hebb/test/support/sharp-decode';
import { describe, expect, it } from 'vitest';

const photo = picture(300, 277);

/** Whole pictures: as decoded by sharp, to the bit. */
describe('JPEG at full size equals libvips', () => {
  const variants = {
    'baseline 4:2:0': encoder(photo).jpeg(),
    'baseline 4:4:4': encoder(photo).jpeg({ chromaSubsampling: '4:4:4' }),
    progressive: encoder(photo).jpeg({ progressive: true }),
    'optimised with trellis': encoder(photo).jpeg({ mozjpeg: true }),
    grey: encoder(photo).toColourspace('b-w').jpeg(),
    'CMYK (Adobe, inverted)': encoder(photo).toColourspace('cmyk').jpeg(),
    'CMYK progressive': encoder(photo).toColourspace('cmyk').jpeg({ progressive: true }),
  };
  it.each(Object.entries(variants))('%s', async (_, image) => {
    const bytes = await image.toBuffer();
    const [edge, full] = [await decode(bytes), await decodeFull(bytes)];
    expect(edge).toMatchObject({ format: 'jpeg', sourceWidth: 300, sourceHeight: 277 });
    expect(difference(edge.data, full.data)).toEqual({ mean: 0, max: 0 });
  });

  it('YCCK: CMYK whose first three inks are stored as luma and chroma', async () => {
    const bytes = await encoder(photo).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
    const ycck = withAdobeTransform(bytes, 2);
    const [edge, full] = [await decode(ycck), await decodeFull(ycck)];
    expect(difference(edge.data, full.data).max).toBe(0);
    expect(difference(edge.data, (await decode(bytes)).data).mean).toBeGreaterThan(20);
  });

  it('RGB: the marker says that there is no luma and chroma', async () => {
    const bytes = await encoder(photo).jpeg({ chromaSubsampling: '4:4:4' }).toBuffer();
    const rgb = withAdobeTransform(bytes, 0);
    const [edge, full] = [await decode(rgb), await decodeFull(rgb)];
    expect(difference(edge.data, full.data).max).toBe(0);
    expect(difference(edge.data, (await decode(bytes)).data).mean).toBeGreaterThan(20);
  });
});

describe('an incomplete JPEG', () => {
  it('is refused at every length, never grey below the cut', async () => {
    for (const progressive of [false, true]) {
      const bytes = await encoder(photo).jpeg({ progressive }).toBuffer();
      for (const share of [0.02, 0.3, 0.6, 0.9, 0.99]) {
        const cut = bytes.subarray(0, Math.floor(bytes.length * share));
        expect(await refusal(cut)).toMatch(/^broken_image/);
      }
    }
  });

  it('is complete if only the end marker is missing', async () => {
    const bytes = await encoder(photo).jpeg().toBuffer();
    const open = await decode(bytes.subarray(0, bytes.length - 2));
    expect(open.data).toEqual((await decode(bytes)).data);
  });

  it('is refused when bytes are missing from the middle', async () => {
    const bytes = await encoder(photo).jpeg().toBuffer();
    const half = bytes.length >> 1;
    const holed = Buffer.concat([bytes.subarray(0, half), bytes.subarray(half + 500)]);
    expect(await refusal(holed)).toMatch(/^broken_image.*libjpeg/);
  });
});

describe('JPEG with harmless oddities of real cameras', () => {
  const bytes = encoder(photo).jpeg().toBuffer();

  it('trailing bytes', async () => {
    const padded = Buffer.concat([await bytes, Buffer.alloc(4096, 7)]);
    expect((await decode(padded)).data).toEqual((await decode(await bytes)).data);
  });

  it('padding before a marker', async () => {
    const file = await bytes;
    const table = file.indexOf(Buffer.from([0xff, 0xdb]));
    const padded = Buffer.concat([file.subarray(0, table), Buffer.alloc(9), file.subarray(table)]);
    expect((await decode(padded)).data).toEqual((await decode(file)).data);
  });

  it('padding, and damage after it: still refused', async () => {
    const file = await bytes;
    const table = file.indexOf(Buffer.from([0xff, 0xdb]));
    const cut = file.subarray(table, file.length - 3000);
    const padded = Buffer.concat([file.subarray(0, table), Buffer.alloc(9), cut]);
    expect(await refusal(padded)).toMatch(/^broken_image/);
  });
});

it('names unsupported processes', async () => {
  const file = await encoder(photo).jpeg().toBuffer();
  const frame = file.indexOf(Buffer.from([0xff, 0xc0]));
  const lossless = Buffer.from(file).fill(0xc3, frame + 1, frame + 2);
  expect(await refusal(lossless)).toBe('unsupported_format: This JPEG is lossless.');
});

it('refuses files of too many scans', async () => {
  const file = await encoder(photo).jpeg({ progressive: true }).toBuffer();
  const scan = file.lastIndexOf(Buffer.from([0xff, 0xda]));
  const last = file.subarray(scan, file.length - 2);
  const many = Buffer.concat([
    file.subarray(0, scan),
    ...new Array(80).fill(last),
    file.subarray(-2),
  ]);
  expect(await refusal(many)).toBe('broken_image: The image is broken: it has more than 64 scans.');
});
