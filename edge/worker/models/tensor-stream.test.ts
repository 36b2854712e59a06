import { readSafetensors, type Tensor, writeSafetensors } from '@hebb/model';
import { describe, expect, it } from 'vitest';
import { tensorStream } from './tensor-stream.ts';

const floats = (shape: number[], first: number): Tensor => ({
  dtype: 'F32',
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => first + i / 3),
});

const TENSORS = new Map([
  ['conv/kernel', floats([3, 3, 2, 4], 1)],
  ['conv/bias', floats([4], 100)],
  ['linear/kernel', floats([4, 5], -7)],
  ['none', floats([0, 3], 0)],
]);
const file = new Uint8Array(writeSafetensors(TENSORS, { made: 'for a test' }));

async function* inChunks(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

async function read(bytes: Uint8Array, size = 64) {
  const tensors = new Map<string, Tensor>();
  for await (const [name, tensor] of tensorStream(inChunks(bytes, size))) tensors.set(name, tensor);
  return tensors;
}

describe('tensorStream', () => {
  it.each([1, 3, 64, 1000, 1e6])(
    'reads what readSafetensors reads, in chunks of %i',
    async (size) => {
      const expected = readSafetensors(file);
      const tensors = await read(file, size);
      expect([...tensors.keys()].sort()).toEqual([...expected.keys()].sort());
      for (const [name, tensor] of tensors) expect(tensor).toEqual(expected.get(name));
    },
  );

  it('reads to the end, where the digest is checked', async () => {
    async function* withChecksum() {
      yield file;
      yield new Uint8Array(0);
      throw new Error('checksum');
    }
    const reading = (async () => {
      for await (const _ of tensorStream(withChecksum()));
    })();
    await expect(reading).rejects.toThrow('checksum');
  });

  /** The file with its header changed, of the same length. */
  const withHeader = (change: (header: string) => string) => {
    const length = Number(new DataView(file.buffer).getBigUint64(0, true));
    const header = new TextDecoder().decode(file.subarray(8, 8 + length));
    const changed = file.slice();
    changed.set(new TextEncoder().encode(change(header).padEnd(length).slice(0, length)), 8);
    return changed;
  };

  it.each([
    ['a file that is cut off', file.subarray(0, -1)],
    ['an empty file', new Uint8Array(0)],
    ['a header longer than can be', Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 1)],
    ['a header that is no JSON', withHeader(() => '{')],
    ['a header that is null', withHeader(() => 'null')],
    ['an entry without offsets', withHeader(() => '{"a":{"dtype":"F32","shape":[1]}}')],
    ['an entry that is no object', withHeader(() => '{"a":5}')],
    ['another dtype', withHeader((h) => h.replace('"F32"', '"F16"'))],
    ['a shape that does not fit', withHeader((h) => h.replace('[4,5]', '[4,6]'))],
    ['a negative shape', withHeader((h) => h.replace('[4,5]', '[-4,-5]').replace(/ $/, ''))],
    ['a gap between tensors', withHeader((h) => h.replace('[288,304]', '[292,304]'))],
  ])('refuses %s', async (_what, bytes) => {
    await expect(read(bytes)).rejects.toMatchObject({ code: 'invalid_package' });
  });
});
