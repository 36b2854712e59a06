/**
 * Files that are odd and readable, as programs and phones write them. What is right is what Pillow,
 * libvips and browsers show.
 */

import { ARITHMETIC_PROGRESSIVE, ARITHMETIC_SEQUENTIAL } from '@hebb/test/decode/arithmetic';
import { decode, refusal } from '@hebb/test/decode/edge';
import { writeGif } from '@hebb/test/decode/gif-writer';
import { app1, exif, segment, withoutSegment, withSegments } from '@hebb/test/decode/metadata';
import { encoder, picture } from '@hebb/test/decode/pictures';
import { chunk, writePng } from '@hebb/test/decode/png-writer';
import { describe, expect, it } from 'vitest';
import { sniff } from './sniff.ts';

const photo = picture(96, 64);
const jpeg = (options = {}): Promise<Buffer> => encoder(photo).jpeg(options).toBuffer();

describe('EXIF in JPEG', () => {
  const orientation = async (...segments: Buffer[]) =>
    sniff(withSegments(await jpeg(), ...segments)).orientation;

  it('the first of two blocks is used', async () => {
    expect(await orientation(app1(exif(6)), app1(exif(1)))).toBe(6);
    expect(await orientation(app1(exif(1)), app1(exif(6)))).toBe(1);
  });

  it('a block longer than a segment is continued in the next one', async () => {
    const long = exif(8, { padding: 70_000 });
    expect(await orientation(app1(long.subarray(0, 65_000)), app1(long.subarray(65_000)))).toBe(8);
  });

  it('a segment of another kind between the parts is ignored', async () => {
    const long = exif(3, { padding: 70_000 });
    const [first, second] = [long.subarray(0, 65_000), long.subarray(65_000)];
    const xmp = segment(0xe1, 'http://ns.adobe.com/xap/1.0/\0<x/>');
    expect(await orientation(app1(first), xmp, app1(second))).toBe(3);
  });

  it.each(['short', 'long'] as const)('as %s, in both byte orders', async (type) => {
    for (const little of [true, false])
      expect(await orientation(app1(exif(6, { type, little })))).toBe(6);
  });

  it('with an invalid type counts as upright', async () => {
    expect(await orientation(app1(exif(6, { type: 'byte' })))).toBe(1);
    expect(await orientation(app1(exif(9)))).toBe(1);
    expect(await orientation(app1(exif(0x10006, { type: 'long' })))).toBe(1);
  });
});

describe('EXIF in PNG and WebP', () => {
  const png = { width: 9, height: 5, colourType: 2, bitDepth: 8, sample: () => 9 } as const;

  it('with the prefix that belongs to JPEG', () => {
    const prefixed = [...Buffer.from('Exif\0\0'), ...exif(6)];
    expect(sniff(writePng({ ...png, chunks: { eXIf: prefixed } })).orientation).toBe(6);
  });

  it('behind the picture’s data', () => {
    const file = writePng(png);
    const end = file.length - 12;
    const behind = Buffer.concat([
      file.subarray(0, end),
      chunk('eXIf', exif(5)),
      file.subarray(end),
    ]);
    expect(sniff(behind).orientation).toBe(5);
  });

  it('the first of two blocks in a WebP is used', async () => {
    const image = encoder(photo).withMetadata({ orientation: 6 });
    const file = await image.webp().toBuffer();
    const second = exif(1);
    const head = Buffer.from('EXIF\0\0\0\0');
    head.writeUInt32LE(second.length, 4);
    const both = Buffer.concat([file, head, second, Buffer.alloc(second.length & 1)]);
    both.writeUInt32LE(both.length - 8, 4);
    expect(sniff(both).orientation).toBe(6);
  });
});

describe('JPEG', () => {
  it('padding between segments, however often', async () => {
    const file = await jpeg();
    const tables = file.indexOf(Buffer.from([0xff, 0xdb]));
    const second = file.indexOf(Buffer.from([0xff, 0xc4]));
    const padded = Buffer.concat([
      ...[file.subarray(0, tables), Buffer.alloc(3)],
      ...[file.subarray(tables, second), Buffer.alloc(5, 1), file.subarray(second)],
    ]);
    expect((await decode(padded)).data).toEqual((await decode(file)).data);
  });

  it('padding between the scans of a progressive file', async () => {
    const file = await jpeg({ progressive: true });
    const parts: Buffer[] = [];
    let from = 0;
    for (let at = file.indexOf(Buffer.from([0xff, 0xc4])); at > 0; ) {
      parts.push(file.subarray(from, at), Buffer.alloc(2));
      from = at;
      at = file.indexOf(Buffer.from([0xff, 0xc4]), at + 1);
    }
    const padded = Buffer.concat([...parts, file.subarray(from)]);
    expect((await decode(padded)).data).toEqual((await decode(file)).data);
  });

  it.each([false, true])(
    'no end marker, other bytes in its place (progressive: %s)',
    async (progressive) => {
      const file = await jpeg({ progressive });
      const trailer = Buffer.concat([
        file.subarray(0, -2),
        Buffer.from('SEFHe\0\0\0SEFT'.repeat(9)),
      ]);
      for (const target of [8, 256]) {
        const options = { target: { rule: 'warp', size: target } } as const;
        const whole = await decode(file, { ...options, reduction: target === 8 ? 4 : 1 });
        const same = { ...options, reduction: target === 8 ? 4 : 1 } as const;
        expect((await decode(file.subarray(0, -2), same)).data).toEqual(whole.data);
        expect((await decode(trailer, same)).data).toEqual(whole.data);
      }
    },
  );

  it('no end marker and a scan too few is refused', async () => {
    const file = await jpeg({ progressive: true });
    const last = file.lastIndexOf(Buffer.from([0xff, 0xc4])); // the last scan's table
    expect(await refusal(file.subarray(0, last))).toMatch(/^broken_image/);
    expect(await refusal(file.subarray(0, last), { target: { rule: 'warp', size: 8 } })).toMatch(
      /^broken_image/,
    );
  });

  it('metadata of an impossible length', async () => {
    const file = await jpeg();
    const broken = withSegments(file, Buffer.from([0xff, 0xe1, 0, 0]), Buffer.from('no thumbnail'));
    expect((await decode(broken)).data).toEqual((await decode(file)).data);
  });

  it('CMYK is read the same way with and without Adobe’s marker', async () => {
    const file = await encoder(photo).toColourspace('cmyk').jpeg().toBuffer();
    const bare = withoutSegment(file, 0xee);
    expect(bare.length).toBeLessThan(file.length);
    expect((await decode(bare)).data).toEqual((await decode(file)).data);
  });

  it('arithmetic coding, sequential and progressive', async () => {
    const huffman = await encoder(picture(64, 56, 3))
      .jpeg({ quality: 60 })
      .toBuffer();
    const { data } = await decode(huffman);
    for (const file of [ARITHMETIC_SEQUENTIAL, ARITHMETIC_PROGRESSIVE]) {
      expect((await decode(file)).data).toEqual(data);
      expect(await refusal(file.subarray(0, file.length - 20))).toMatch(/^broken_image/);
      const eighth = await decode(file, { target: { rule: 'warp', size: 3 }, reduction: 8 });
      expect(eighth).toMatchObject({ width: 8, height: 7 });
    }
  });
});

describe('PNG', () => {
  const sample = (x: number, y: number, channel: number) => (x * 7 + y * 3 + channel * 50) & 255;
  const file = writePng({ width: 40, height: 30, colourType: 2, bitDepth: 8, sample, split: 500 });
  const end = file.length - 12;
  const expected = decode(file);

  const odd: Record<string, Buffer> = {
    'bytes behind the zlib stream': Buffer.concat([
      ...[file.subarray(0, end), chunk('IDAT', Buffer.from('more')), file.subarray(end)],
    ]),
    'no IEND': file.subarray(0, end),
    'IEND with a wrong CRC': Buffer.concat([file.subarray(0, -1), Buffer.from([0])]),
    'bytes behind IEND': Buffer.concat([file, Buffer.alloc(50, 3)]),
    'half an IEND': file.subarray(0, -6),
  };
  it.each(Object.entries(odd))('%s', async (_, bytes) => {
    expect((await decode(bytes)).data).toEqual((await expected).data);
  });

  it('a checksum of the compressed data that is missing', async () => {
    const one = writePng({ width: 40, height: 30, colourType: 2, bitDepth: 8, sample, split: 1e6 });
    const data = one.indexOf('IDAT');
    const length = one.readUInt32BE(data - 4);
    const without = Buffer.concat([
      one.subarray(0, data - 4),
      chunk('IDAT', one.subarray(data + 4, data + length)),
      chunk('IEND', []),
    ]);
    expect((await decode(without)).data).toEqual((await expected).data);
  });

  it('an index beyond the palette is black', async () => {
    const png = { width: 3, height: 1, colourType: 3, bitDepth: 4 } as const;
    const indices = [1, 9, 0];
    const bytes = writePng({
      ...png,
      sample: (x) => indices[x]!,
      chunks: { PLTE: [255, 0, 0, 0, 0, 255] },
    });
    expect([...(await decode(bytes)).data]).toEqual([0, 0, 255, 0, 0, 0, 255, 0, 0]);
  });

  it('rows that are missing are still an error', async () => {
    const lastData = file.lastIndexOf('IDAT') - 4;
    const short = Buffer.concat([file.subarray(0, lastData), chunk('IEND', [])]);
    expect(await refusal(short)).toMatch('its picture data end too early');
  });

  it('in Apple’s own form is named', async () => {
    const apple = Buffer.concat([
      ...[file.subarray(0, 8), chunk('CgBI', [0x50, 0, 0x20, 2]), file.subarray(8)],
    ]);
    expect(await refusal(apple)).toBe(
      "unsupported_format: This PNG is in Apple's form for apps (CgBI).",
    );
  });
});

describe('GIF', () => {
  it('a zero between blocks', async () => {
    const palette = Array.from({ length: 768 }, (_, i) => i & 255);
    const frame = { x: 2, y: 1, width: 5, height: 4 };
    const file = writeGif({ width: 9, height: 7, frame, palette, index: (x, y) => x * 9 + y });
    const image = file.indexOf(0x2c, 13 + 768);
    const padded = Buffer.concat([file.subarray(0, image), Buffer.alloc(1), file.subarray(image)]);
    expect((await decode(padded)).data).toEqual((await decode(file)).data);
  });
});
