import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { HebbError } from '@hebb/model/errors';
import { describe, expect, it } from 'vitest';
import { type Compression, Inflate, UnpackedBytes } from './inflate.ts';
import { onePiece, type Pieces } from './pieces.ts';

const tooMuch = (most: number) => new HebbError('body_too_large', `more than ${most}`);
const content = Uint8Array.from({ length: 200_000 }, (_, i) => (i * i * 7) >> 5);

async function all(pieces: Pieces): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for (let piece = await pieces.next(); piece; piece = await pieces.next()) parts.push(piece);
  await pieces.leave();
  return Buffer.concat(parts);
}

const inflated = (packed: Uint8Array, format: Compression, most = 1e6) =>
  all(new Inflate(onePiece(packed), format, new UnpackedBytes(most, tooMuch)));

describe('Inflate', () => {
  it.each<[Compression, (bytes: Uint8Array) => Uint8Array]>([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate-raw', deflateRawSync],
  ])('unpacks %s', async (format, pack) => {
    expect(await inflated(pack(content), format)).toEqual(Buffer.from(content));
    expect(await inflated(pack(new Uint8Array(0)), format)).toHaveLength(0);
  });

  it('limits the unpacked bytes', async () => {
    const packed = gzipSync(Buffer.alloc(2_000_000));
    await expect(inflated(packed, 'gzip')).rejects.toMatchObject({ code: 'body_too_large' });
  });

  it('counts nested archives too', async () => {
    const twice = gzipSync(gzipSync(content));
    const nested = (most: number) => {
      const unpacked = new UnpackedBytes(most, tooMuch);
      return all(new Inflate(new Inflate(onePiece(twice), 'gzip', unpacked), 'gzip', unpacked));
    };
    expect(await nested(500_000)).toEqual(Buffer.from(content));
    await expect(nested(200_100)).rejects.toMatchObject({ code: 'body_too_large' });
  });

  it('reads no more of the body than the output requires', async () => {
    const packed = gzipSync(content, { level: 0 });
    let given = 0;
    const body: Pieces = {
      async next() {
        given += 1000;
        return packed.subarray(given - 1000, given);
      },
      async leave() {},
    };
    const pieces = new Inflate(body, 'gzip', new UnpackedBytes(1e6, tooMuch));
    await pieces.next();
    expect(given).toBeLessThan(packed.length / 2);
    await pieces.leave();
  });

  it.each([
    ['cut off', (packed: Uint8Array) => packed.subarray(0, packed.length - 20)],
    ['garbled', (packed: Uint8Array) => packed.map((byte, i) => (i > 100 ? byte ^ 255 : byte))],
  ])('throws for what is %s', async (_how, spoil) => {
    await expect(inflated(spoil(gzipSync(content)), 'gzip')).rejects.toThrow();
  });
});
