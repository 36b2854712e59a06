import {
  bytesFor,
  largest,
  ROWS,
  type Row,
  SHAPES,
  type Size,
  sampleOf,
} from '@hebb/test/decode/largest';
import { ARENA_BYTES } from '@hebb/test/decode/settings';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ImageHeader } from './sniff.ts';

const samples = new Map<Row, ImageHeader>();

beforeAll(async () => {
  for (const row of ROWS) samples.set(row, await sampleOf(row));
});

const rowsOf = (format: string, layout: RegExp) =>
  ROWS.filter((row) => row.format === format && layout.test(row.layout));

describe('the isolate has the memory for', () => {
  const FULL_HD = { width: 1920, height: 1080 };
  const ULTRA_HD = { width: 3840, height: 2160 };
  const PHONE = { width: 4032, height: 3024 };
  const targets: readonly [string, readonly Row[], Size][] = [
    ['Full HD as AVIF of 8 bits', rowsOf('AVIF', /8 bits/), FULL_HD],
    ['12 megapixels as JPEG', rowsOf('JPEG', /^(baseline|progressive|CMYK, baseline)$/), PHONE],
    ['12 megapixels as WebP', rowsOf('WebP', /lossy/), PHONE],
    ['12 megapixels as PNG', rowsOf('PNG', /./), PHONE],
    ['4K as lossless WebP', rowsOf('WebP', /lossless/), ULTRA_HD],
  ];
  it.each(targets)('%s', (_, rows, size) => {
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      expect(bytesFor(row, samples.get(row)!, size), row.layout).toBeLessThan(ARENA_BYTES);
    }
  });
});

it('the largest size fits, and one that is a hundredth larger does not', () => {
  for (const row of ROWS) {
    for (const shape of Object.values(SHAPES)) {
      const sample = samples.get(row)!;
      const { width, height } = largest(row, sample, shape);
      expect(bytesFor(row, sample, { width, height }), row.layout).toBeLessThanOrEqual(ARENA_BYTES);
      const larger = { width: Math.ceil(width * 1.01), height: Math.ceil(height * 1.01) };
      const taken = () => bytesFor(row, sample, larger);
      if (larger.width > row.longestSide || larger.width * larger.height > 268e6) continue;
      expect(taken(), row.layout).toBeGreaterThan(ARENA_BYTES * 0.999);
    }
  }
});
