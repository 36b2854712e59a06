import { randomBytes } from 'node:crypto';
import { constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { instantiate } from '@hebb/test/codecs/instance';
import { describe, expect, it } from 'vitest';
import { Inflater, type InflateState } from './inflate.ts';

type Wrapper = ConstructorParameters<typeof Inflater>[2];

interface Inflated {
  readonly output: Buffer;
  readonly state: InflateState;
  readonly trailing: number;
  readonly message: string;
}

/** Everything that comes out, `most` bytes at a time, of input in parts of `partBytes`. */
function inflate(
  data: Uint8Array,
  { wrapper = 'zlib' as Wrapper, most = 65_536, partBytes = data.length } = {},
): Inflated {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += partBytes) parts.push(data.subarray(at, at + partBytes));
  const inflater = new Inflater(instantiate('inflate'), parts, wrapper);
  const pieces: Buffer[] = [];
  do pieces.push(Buffer.from(inflater.read(most)));
  while (inflater.state === 'more');
  const { state, trailingBytes: trailing, message } = inflater;
  return { output: Buffer.concat(pieces), state, trailing, message };
}

/** Compressible to a different degree along the way, longer than the window of 32 KiB. */
const text = Buffer.concat(
  Array.from({ length: 60 }, (_, i) =>
    i % 7 === 0 ? randomBytes(997) : Buffer.alloc(3001, `line ${i * i} of the text; `),
  ),
);

describe('data that zlib compressed are restored', () => {
  const { Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED } = constants;
  const strategies = { Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED };
  it.each(Object.entries(strategies))('%s, at every level', (_, strategy) => {
    for (const level of [0, 1, 6, 9]) {
      for (const data of [text, randomBytes(100_000), Buffer.alloc(300_000), Buffer.alloc(0)]) {
        const { output, state } = inflate(deflateSync(data, { strategy, level }));
        expect(state).toBe('end');
        expect(output.equals(data)).toBe(true);
      }
    }
  });

  it('with pieces of every size', () => {
    const data = deflateSync(text);
    for (const partBytes of [1, 2, 1000, 65_537]) {
      for (const most of [1, 7, 10_000, 65_536]) {
        const { output, state } = inflate(data, { partBytes, most });
        expect(state).toBe('end');
        expect(output.equals(text)).toBe(true);
      }
    }
  });

  it('with a gzip wrapper, or none', () => {
    expect(inflate(gzipSync(text), { wrapper: 'gzip' })).toMatchObject({
      output: text,
      state: 'end',
    });
    expect(inflate(deflateRawSync(text), { wrapper: 'raw' })).toMatchObject({ output: text });
  });
});

it('makes no more output than requested, also of a decompression bomb', () => {
  const bomb = deflateSync(Buffer.alloc(50_000_000));
  const instance = instantiate('inflate');
  const inflater = new Inflater(instance, [bomb]);
  expect(inflater.read(1000)).toEqual(new Uint8Array(1000));
  expect(inflater.state).toBe('more');
  expect(instance.endBytes()).toBeLessThan(300_000);
});

describe('damage', () => {
  const data = deflateSync(text);

  it('a truncated stream gives the data before the cut', () => {
    for (let length = 0; length < data.length; length += length < 20 ? 1 : 331) {
      const { output, state } = inflate(data.subarray(0, length));
      expect(state).toBe('cut-off');
      expect(output.equals(text.subarray(0, output.length))).toBe(true);
    }
    expect(inflate(data.subarray(0, -1)).output.equals(text)).toBe(true);
  });

  it('bytes after the end are not read', () => {
    const longer = Buffer.concat([data, Buffer.from('trailing bytes')]);
    expect(inflate(longer)).toMatchObject({ output: text, state: 'end', trailing: 14 });
  });

  it('a wrong checksum is distinguished from broken data', () => {
    const wrong = Buffer.from(data);
    wrong[wrong.length - 1]! ^= 1;
    expect(inflate(wrong)).toMatchObject({
      output: text,
      state: 'bad-check',
      message: 'incorrect data check',
    });
    const gzip = gzipSync(text);
    gzip[gzip.length - 1]! ^= 1;
    const length = inflate(gzip, { wrapper: 'gzip' });
    expect(length).toMatchObject({ state: 'bad-check', message: 'incorrect length check' });
  });

  it('no header, a preset dictionary, a block type that does not exist', () => {
    expect(inflate(Buffer.from('no zlib here'))).toMatchObject({ state: 'broken' });
    const dictionary = Buffer.from('line of the text');
    expect(inflate(deflateSync(text, { dictionary }))).toMatchObject({ state: 'broken' });
    const block = Buffer.from([0x78, 0x9c, 0b111]);
    expect(inflate(block)).toMatchObject({ state: 'broken', message: 'invalid block type' });
  });

  it('is always noticed: each of 2000 flipped bits is found or changes nothing', () => {
    for (let i = 0; i < 2000; i++) {
      const flipped = Buffer.from(data);
      const bit = (i * 7919) % (data.length * 8);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const { output, state } = inflate(flipped);
      if (state === 'end') expect(output.equals(text)).toBe(true);
      expect(output.length).toBeLessThan(text.length * 300);
    }
  });
});
