/** What files say about their colours, by format; and what the pixels are then. */
import { deflateSync } from 'node:zlib';
import { writeProfile } from '@hebb/test/decode/colour/icc-writer';
import { inflated } from '@hebb/test/decode/colour/inflated';
import { SPACES } from '@hebb/test/decode/colour/spaces';
import { difference, encoder, picture, random } from '@hebb/test/decode/pictures';
import { fixChecksums, type RawPng, writePng } from '@hebb/test/decode/png-writer';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { Bytes } from '../bytes.ts';
import { jpegColour } from './jpeg.ts';
import { pngColour } from './png.ts';
import { type ColourTag, colourOf } from './tag.ts';
import { toSrgb } from './transform.ts';
import { webpColour } from './webp.ts';

const photo = picture(96, 80);
const profile = writeProfile(SPACES['Display P3']);

const tagOf = {
  jpeg: (file: Uint8Array) => jpegColour(new Bytes(file)),
  webp: (file: Uint8Array) => webpColour(new Bytes(file)),
  png: async (file: Uint8Array): Promise<ColourTag | undefined> => {
    const tag = pngColour(new Bytes(file));
    return tag?.kind === 'deflated-icc' ? await inflated(tag) : tag;
  },
};

describe('a picture in Display P3', () => {
  it.each(['jpeg', 'webp', 'png'] as const)('as %s is what lcms makes of it', async (format) => {
    const file = await encoder(photo).withIccProfile('p3').toFormat(format).toBuffer();
    const expected = await sharp(file).raw().toBuffer();
    const ours = await sharp(file, { ignoreIcc: true }).raw().toBuffer();
    expect(difference(ours, expected).max).toBeGreaterThan(20);
    const tag = await tagOf[format](file);
    toSrgb(ours, colourOf(tag!)!);
    const { max, mean } = difference(ours, expected);
    expect(max).toBeLessThanOrEqual(1);
    expect(mean).toBeLessThan(0.05);
  });

  it.each(['jpeg', 'webp', 'png'] as const)(
    'as %s, without a profile, is not known',
    async (format) => {
      const file = await encoder(photo).toFormat(format).toBuffer();
      expect(await tagOf[format](file)).toBeUndefined();
    },
  );
});

describe('JPEG', () => {
  const part = (number: number, count: number, data: Uint8Array): Buffer => {
    const body = Buffer.from([...Buffer.from('ICC_PROFILE\0'), number, count, ...data]);
    return Buffer.from([0xff, 0xe2, (body.length + 2) >> 8, (body.length + 2) & 255, ...body]);
  };
  const [first, second, third] = [
    profile.subarray(0, 100),
    profile.subarray(100, 250),
    profile.subarray(250),
  ];
  const other = Buffer.from([0xff, 0xe2, 0, 6, ...Buffer.from('MPF\0')]);

  const withParts = async (...parts: readonly Buffer[]) => {
    const plain = await encoder(photo).jpeg().toBuffer();
    return new Bytes(Buffer.concat([plain.subarray(0, 2), ...parts, plain.subarray(2)]));
  };

  it('has its profile in several segments, in any order, among others', async () => {
    const file = await withParts(part(3, 3, third), other, part(1, 3, first), part(2, 3, second));
    expect(Buffer.from(jpegColour(file)!.profile)).toEqual(profile);
  });

  it('has none where a part is missing, or there twice', async () => {
    expect(jpegColour(await withParts(part(1, 3, first), part(3, 3, third)))).toBeUndefined();
    const again = [part(1, 2, first), part(1, 2, first), part(2, 2, second)];
    expect(jpegColour(await withParts(...again))).toBeUndefined();
    expect(jpegColour(await withParts(part(2, 2, second), part(3, 2, third)))).toBeUndefined();
    expect(jpegColour(await withParts(part(0, 0, first)))).toBeUndefined();
  });

  it('has none that counts in CMYK; in grey, that is said', async () => {
    const cmyk = await sharp(await encoder(photo).toColourspace('cmyk').jpeg().toBuffer())
      .keepIccProfile()
      .toColourspace('cmyk')
      .jpeg()
      .toBuffer();
    expect(cmyk.includes('ICC_PROFILE')).toBe(true);
    expect(jpegColour(new Bytes(cmyk))).toBeUndefined();
    const grey = await encoder(photo).toColourspace('b-w').jpeg().toBuffer();
    const file = Buffer.concat([grey.subarray(0, 2), part(1, 1, profile), grey.subarray(2)]);
    expect(jpegColour(new Bytes(file))).toMatchObject({ grey: true });
  });
});

describe('WebP', () => {
  it('has no profile without the flag for it, as in libvips', async () => {
    const file = await encoder(photo).withIccProfile('p3').webp().toBuffer();
    file[20]! &= ~0x20;
    expect(webpColour(new Bytes(file))).toBeUndefined();
    expect((await sharp(file).metadata()).hasProfile).toBe(false);
  });
});

const u32 = (...values: readonly number[]) =>
  values.flatMap((value) => [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]);

const P3_CHRM = u32(31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6000);
const CICP = [12, 13, 0, 1];
const ICCP = [...Buffer.from('name\0\0', 'latin1'), ...deflateSync(profile)];

describe('PNG', () => {
  const png = (chunks: NonNullable<RawPng['chunks']>, colourType: 0 | 2 = 2) => {
    const sample = (x: number, y: number) => x * 16 + y;
    return writePng({ width: 16, height: 16, colourType, bitDepth: 8, sample, chunks });
  };
  const kindOf = (chunks: NonNullable<RawPng['chunks']>) => pngColour(new Bytes(png(chunks)))?.kind;

  it('takes cICP before iCCP, that before sRGB, that before gAMA', () => {
    const gAMA = u32(55_556);
    expect(kindOf({ gAMA, cHRM: P3_CHRM, sRGB: [0], iCCP: ICCP, cICP: CICP })).toBe('cicp');
    expect(kindOf({ gAMA, cHRM: P3_CHRM, sRGB: [0], iCCP: ICCP })).toBe('deflated-icc');
    expect(kindOf({ gAMA, cHRM: P3_CHRM, sRGB: [0] })).toBeUndefined();
    expect(kindOf({ gAMA, cHRM: P3_CHRM })).toBe('gamma');
    expect(kindOf({ gAMA })).toBe('gamma');
    expect(kindOf({ cHRM: P3_CHRM })).toBeUndefined();
  });

  it('says whether it is grey', () => {
    expect(pngColour(new Bytes(png({ iCCP: ICCP }, 0)))).toMatchObject({ grey: true });
    expect(pngColour(new Bytes(png({ iCCP: ICCP }, 2)))).toMatchObject({ grey: false });
  });

  it('passes over a chunk whose checksum is wrong', () => {
    const file = png({ cICP: CICP, gAMA: u32(55_556) });
    file[file.indexOf('cICP') + 4] = 9;
    expect(pngColour(new Bytes(file))).toMatchObject({ kind: 'gamma' });
    expect(pngColour(new Bytes(fixChecksums(file)))).toMatchObject({ kind: 'cicp', primaries: 9 });
  });

  it('has no profile where it is damaged, or inflates to more than a megabyte', async () => {
    const name = [...Buffer.from('name\0\0', 'latin1')];
    const cut = png({ iCCP: ICCP.slice(0, 100) });
    expect(await tagOf.png(cut)).toBeUndefined();
    const bomb = png({ iCCP: [...name, ...deflateSync(Buffer.alloc(10_000_000))] });
    expect(pngColour(new Bytes(bomb))?.kind).toBe('deflated-icc');
    expect(await tagOf.png(bomb)).toBeUndefined();
  });
});

it('damage to files is no error: a colour, or none', async () => {
  const files = {
    jpeg: await encoder(photo).withIccProfile('p3').jpeg().toBuffer(),
    webp: await encoder(photo).withIccProfile('p3').webp().toBuffer(),
    png: writePng({
      width: 4,
      height: 4,
      colourType: 2,
      bitDepth: 8,
      sample: () => 9,
      chunks: { gAMA: u32(100_000), cHRM: P3_CHRM, iCCP: ICCP },
    }),
  };
  const next = random(5);
  const below = (n: number) => Math.floor(next() * n);
  for (const [format, good] of Object.entries(files) as [keyof typeof files, Buffer][]) {
    const seen = { tag: 0, none: 0, transform: 0 };
    for (let round = 0; round < 400; round++) {
      const bad = Uint8Array.from(
        good.subarray(0, round % 4 === 0 ? below(good.length) : good.length),
      );
      for (let i = below(6); i >= 0; i--) bad[below(Math.min(bad.length, 900))] = below(256);
      const tag = await tagOf[format](format === 'png' ? fixChecksums(bad) : bad);
      seen[tag ? 'tag' : 'none']++;
      if (tag && colourOf(tag)) seen.transform++;
    }
    expect(Math.min(...Object.values(seen)), `${format}: ${JSON.stringify(seen)}`).toBeGreaterThan(
      9,
    );
  }
});
