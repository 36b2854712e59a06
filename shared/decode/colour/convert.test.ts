/**
 * Conversion to sRGB against two authorities: the formulas in floating point, and lcms, by which sharp
 * reads pictures with profiles.
 */
import { deflateSync } from 'node:zlib';
import { type TestProfile, writeProfile } from '@hebb/test/decode/colour/icc-writer';
import { plainlyToSrgb, SPACES, type Space, srgbTable } from '@hebb/test/decode/colour/spaces';
import { difference, picture, random } from '@hebb/test/decode/pictures';
import { writePng } from '@hebb/test/decode/png-writer';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { iccTransform } from './icc.ts';
import { toSrgb } from './transform.ts';

/** All greys, then colours all over the cube, then a picture: 128 × 128. */
const WIDTH = 128;
const next = random(7);
const pixels = Uint8Array.from([
  ...Array.from({ length: 256 * 3 }, (_, i) => Math.floor(i / 3)),
  ...Array.from({ length: 62 * WIDTH * 3 }, () => Math.floor(next() * 256)),
  ...picture(WIDTH, 64).data,
]);

const greys = pixels.slice(0, 256 * 3);

const P3 = SPACES['Display P3'];
const wide: readonly [string, Space][] = [
  ['Display P3', P3],
  ['Adobe RGB', SPACES['Adobe RGB']],
  ['ProPhoto RGB', SPACES['ProPhoto RGB']],
];

function converted(profile: Buffer, grey = false, rgb = pixels): Uint8Array {
  const transform = iccTransform(profile, grey);
  if (!transform) throw new Error('no transform');
  const copy = rgb.slice();
  toSrgb(copy, transform);
  return copy;
}

/** As sharp shows a PNG with these pixels and this profile. */
async function byLcms(profile: Buffer): Promise<Uint8Array> {
  const sample = (x: number, y: number, channel: number) => pixels[(y * WIDTH + x) * 3 + channel]!;
  const iccp = [...Buffer.from('test\0\0', 'latin1'), ...deflateSync(profile)];
  const png = { width: WIDTH, height: WIDTH, colourType: 2, bitDepth: 8, sample } as const;
  return await sharp(writePng({ ...png, chunks: { iCCP: iccp } }))
    .raw()
    .toBuffer();
}

describe('conversion to sRGB', () => {
  it.each(wide)('of %s is that of the formulas, within a level', (_, space) => {
    const ours = converted(writeProfile(space));
    const { max, mean } = difference(ours, plainlyToSrgb(pixels, space));
    expect(max).toBeLessThanOrEqual(1);
    expect(mean).toBeLessThan(0.02);
    // It is a conversion worth making.
    expect(difference(ours, pixels).mean).toBeGreaterThan(5);
  });

  const twoGammas = [{ curv: [1.8] }, { curv: [2.2] }, { curv: [2.4] }];
  const profiles: Record<string, TestProfile> = {
    'Display P3': P3,
    'Adobe RGB, version 2': { ...SPACES['Adobe RGB'], version: 2 },
    'ProPhoto RGB': SPACES['ProPhoto RGB'],
    'linear light': { ...P3, curves: [{ curv: [] }] },
    'a table of 1024': { ...P3, version: 2, curves: [srgbTable(1024)] },
    'a table of 4096': { ...P3, version: 2, curves: [srgbTable(4096)] },
    'a table of 2': { ...P3, curves: [{ curv: [0, 65_535] }] },
    'a curve for each channel': { ...P3, curves: twoGammas },
    'function 0': { ...P3, curves: [{ para: [0, 1.9] }] },
    'function 1': { ...P3, curves: [{ para: [1, 2, 1.1, -0.1] }] },
    'function 2': { ...P3, curves: [{ para: [2, 2.2, 1.02, -0.02, 0] }] },
    'function 3': { ...P3, curves: [{ para: [3, 2.222, 0.91, 0.09, 0.222, 0.081] }] },
    'function 4': { ...P3, curves: [{ para: [4, 2.2, 0.9, 0.1, 0.16, 0.05, -0.0063, 0] }] },
  };

  it.each(Object.entries(profiles))('of %s is that of lcms, within a level', async (_, of) => {
    const profile = writeProfile(of);
    const { max, mean } = difference(converted(profile), await byLcms(profile));
    expect(max).toBeLessThanOrEqual(1);
    expect(mean).toBeLessThan(0.03);
  });

  // lcms moves a raised black down to sRGB's (black point compensation) and carries negative light
  // on, which ICC.1:2022, 10.18 clips. So the formulas judge these.
  const clipped: readonly [string, Space][] = [
    [
      'a black raised by function 2',
      {
        ...P3,
        curves: [{ para: [2, 2.2, 1, -0.1, 0.05] }],
        toLight: (x) => (x >= 0.1 ? (x - 0.1) ** 2.2 + 0.05 : 0.05),
      },
    ],
    [
      'a black lowered by function 2',
      {
        ...P3,
        curves: [{ para: [2, 2.2, 1, 0, -0.03125] }],
        toLight: (x) => Math.max(x ** 2.2 - 0.03125, 0),
      },
    ],
    [
      'a black raised by function 4',
      {
        ...P3,
        curves: [{ para: [4, 2.2, 0.9, 0.05, 0.25, 0.125, 0.0625, 0.03125] }],
        toLight: (x) => (x >= 0.125 ? (0.9 * x + 0.05) ** 2.2 + 0.0625 : 0.25 * x + 0.03125),
      },
    ],
  ];

  it.each(clipped)('of %s is that of the formulas', (_, space) => {
    const expected = plainlyToSrgb(pixels, space);
    expect(difference(converted(writeProfile(space)), expected).max).toBeLessThanOrEqual(1);
  });

  it('of a grey profile is that of lcms', async () => {
    const profile = writeProfile({ curves: [{ curv: [1.8] }] });
    const iccp = [...Buffer.from('test\0\0', 'latin1'), ...deflateSync(profile)];
    const sample = (x: number, y: number) => y * 16 + x;
    const png = { width: 16, height: 16, colourType: 0, bitDepth: 8, sample } as const;
    const file = writePng({ ...png, chunks: { iCCP: iccp } });
    const expected = await sharp(file).toColourspace('srgb').raw().toBuffer();
    expect(difference(converted(profile, true, greys), expected).max).toBeLessThanOrEqual(1);
    expect(difference(greys, expected).max).toBeGreaterThan(10);
  });

  it('takes a grey picture through the curve of an RGB profile', () => {
    const profile = writeProfile({ ...P3, curves: [{ curv: [1.8] }] });
    const [red, green, blue] = [0, 1, 2].map((channel) =>
      converted(profile, true, greys).filter((_, i) => i % 3 === channel),
    );
    expect(difference(red!, green!).max).toBeLessThanOrEqual(1);
    expect(difference(blue!, green!).max).toBeLessThanOrEqual(1);
    expect(green![128]).toBeGreaterThan(140);
  });
});

describe('no conversion', () => {
  const none: Record<string, Buffer> = {
    'of sRGB': writeProfile(SPACES.srgb),
    'of sRGB by a table': writeProfile({ ...SPACES.srgb, version: 2, curves: [srgbTable(1024)] }),
    'of a grey profile in a picture of colours': writeProfile({ curves: [{ curv: [1.8] }] }),
    'of CMYK': writeProfile({ ...P3, header: { 16: 'CMYK' } }),
    'through Lab': writeProfile({ ...P3, header: { 20: 'Lab ' } }),
    'of a device link': writeProfile({ ...P3, header: { 12: 'link' } }),
    'of HDR': writeProfile({
      ...P3,
      tags: { cicp: Buffer.from([...Buffer.from('cicp\0\0\0\0'), 9, 16, 0, 1]) },
    }),
    'without tags': writeProfile(P3).fill(0, 128, 132),
    'without a signature': writeProfile({ ...P3, header: { 36: '????' } }),
    'with a table longer than the file': lyingTable(),
    'of more than a megabyte': Buffer.concat([writeProfile(P3), Buffer.alloc(1_000_000)]),
    'that would make all black': writeProfile({
      ...P3,
      colourants: P3.colourants.map(() => [0, 0, 0]),
    }),
    'that would turn black and white': writeProfile({ ...P3, curves: [{ curv: [65_535, 0] }] }),
    'with a gamma of 0': writeProfile({ ...P3, curves: [{ curv: [0] }] }),
    'with absurd primaries': writeProfile({
      ...P3,
      colourants: P3.colourants.map(() => [99, 99, 99]),
    }),
  };

  it.each(Object.entries(none))('%s', (_, profile) => {
    expect(iccTransform(profile, false)).toBeUndefined();
  });

  it('of a damaged profile, or another one; never an error, never black pictures', () => {
    const damaged = random(11);
    const below = (n: number) => Math.floor(damaged() * n);
    let read = 0;
    for (let round = 0; round < 3000; round++) {
      const good = writeProfile({ ...P3, curves: [[srgbTable(64), ...P3.curves][round % 2]!] });
      const bad = good.subarray(0, round % 5 === 0 ? below(good.length) : good.length);
      for (let i = below(8); i >= 0 && bad.length > 0; i--) bad[below(bad.length)] = below(256);
      const transform = iccTransform(bad, round % 3 === 0);
      if (!transform) continue;
      read++;
      const ends = Uint8Array.from([0, 0, 0, 255, 255, 255]);
      toSrgb(ends, transform);
      expect(Math.max(...ends.subarray(0, 3))).toBeLessThan(128);
      expect(Math.min(...ends.subarray(3))).toBeGreaterThan(127);
    }
    // Damage to a description leaves the rest legible: both outcomes were seen.
    expect(read).toBeGreaterThan(500);
    expect(read).toBeLessThan(2500);
  });
});

function lyingTable(): Buffer {
  const profile = writeProfile({ ...P3, curves: [srgbTable(64)] });
  profile.writeUInt32BE(0x7fff_ffff, profile.indexOf('curv') + 8);
  return profile;
}
