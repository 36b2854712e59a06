/**
 * Seeded damage to files of every format: each is an image or a typed refusal, never anything
 * else, and the next good image decodes as before.
 */

import { HebbError, sha256 } from '@hebb/model';
import { decode } from '@hebb/test/decode/edge';
import { writeFlatJpeg } from '@hebb/test/decode/jpeg-writer';
import { encoder, encoderWithAlpha, picture, random } from '@hebb/test/decode/pictures';
import { fixChecksums, writePng } from '@hebb/test/decode/png-writer';
import { newArena } from '@hebb/test/support/codecs';
import { describe, expect, it } from 'vitest';
import type { DecodeArena } from './arena.ts';

const photo = picture(72, 66);

/** Small sizes take every path: at 8, the pictures of 72 × 66 are decoded at 1/8. */
const SIZES = [8, 20, 256];
const CODES = ['broken_image', 'unsupported_format', 'image_too_large', 'missing_image'];

type Repair = (file: Uint8Array) => Uint8Array;

const files: Record<string, [Promise<Uint8Array>, rounds: number, Repair?]> = {
  'JPEG baseline': [encoder(photo).jpeg().toBuffer(), 300],
  'JPEG progressive': [encoder(photo).jpeg({ progressive: true }).toBuffer(), 300],
  'JPEG progressive, restart markers': [restarts(), 200],
  'JPEG CMYK': [encoder(photo).toColourspace('cmyk').jpeg().toBuffer(), 150],
  PNG: [encoder(photo).png().toBuffer(), 200],
  'PNG, its checksums made right again': [Promise.resolve(uncompressedPng()), 400, fixChecksums],
  'PNG interlaced, palette': [
    encoder(photo).png({ palette: true, progressive: true }).toBuffer(),
    200,
  ],
  'WebP lossy': [encoderWithAlpha(photo).webp().toBuffer(), 200],
  'WebP lossless': [encoder(photo).webp({ lossless: true }).toBuffer(), 200],
  GIF: [encoder(photo).gif({ effort: 1 }).toBuffer(), 300],
  AVIF: [encoderWithAlpha(photo).avif({ effort: 0 }).toBuffer(), 60],
};

/** `npm run test:all` takes more rounds. */
const FACTOR = process.env.HEBB_TEST_ALL === '1' ? 20 : 1;

describe.each(Object.entries(files))('%s', (_, [file, some, repair = (damaged) => damaged]) => {
  const rounds = some * FACTOR;

  it(`survives ${rounds} kinds of damage`, async () => {
    const good = await file;
    const arena = newArena(40e6);
    const expected = await digest(good, arena);
    const next = random(rounds);
    for (let round = 0; round < rounds; round++) {
      const damaged = repair(damage(good, next));
      const target = { rule: 'warp', size: SIZES[round % SIZES.length]! } as const;
      const result = await decode(damaged, { arena, target }).catch((error: unknown) => error);
      if (result instanceof HebbError) {
        expect(CODES).toContain(result.code);
      } else if (result instanceof Error) {
        throw result;
      } else {
        const { width, height, data } = result as Awaited<ReturnType<typeof decode>>;
        expect(data.length).toBe(width * height * 3);
      }
    }
    expect(await digest(good, arena)).toBe(expected);
  });
});

async function digest(file: Uint8Array, arena: DecodeArena): Promise<string> {
  const { data } = await decode(file, { arena, target: { rule: 'warp', size: 20 } });
  return sha256(new Uint8Array(data));
}

/** One kind of damage: flipped bits, a cut, a hole, repeated bytes, a lying 16- or 32-bit field. */
function damage(good: Uint8Array, next: () => number): Uint8Array {
  const below = (n: number) => Math.floor(next() * n);
  const anywhere = () => (next() < 0.5 ? below(Math.min(200, good.length)) : below(good.length));
  const bad = new Uint8Array(good);
  const at = anywhere();
  switch (below(6)) {
    case 0:
      for (let flips = 1 + below(4); flips > 0; flips--) bad[anywhere()]! ^= 1 << below(8);
      return bad;
    case 1:
      return bad.subarray(0, at);
    case 2:
      bad.copyWithin(at, at + 1 + below(40));
      return bad;
    case 3:
      bad.copyWithin(at, below(at + 1), below(good.length));
      return bad;
    case 4:
      bad.fill([0, 0xff, 0x7f, 0x80][below(4)]!, at, at + [2, 4][below(2)]!);
      return bad;
    default:
      for (let bytes = 1 + below(8); bytes > 0; bytes--) bad[anywhere()] = below(256);
      return bad;
  }
}

function restarts(): Promise<Uint8Array> {
  const value = (x: number, y: number) => (x * 31 + y * 17) & 255;
  const component = (sampling: number) => ({ horizontal: sampling, vertical: sampling, value });
  const components = [component(2), component(1), component(1)];
  const file = { width: 72, height: 66, components, progressive: true, refinements: 1 };
  return Promise.resolve(writeFlatJpeg({ ...file, restartInterval: 3 }));
}

/** Stored, not compressed, so that damage reaches filters and samples. */
function uncompressedPng(): Uint8Array {
  const sample = (x: number, y: number, channel: number) => (x * 5 + y * 3 + channel) & 255;
  return writePng({ width: 40, height: 30, colourType: 6, bitDepth: 8, sample, level: 0 });
}
