import { describe, expect, it } from 'vitest';
import { announcedBytes, freeBody, readBody } from './read-body.ts';

const LIMITS = { bytes: 1000, timeoutMs: 10_000 };

/** A body that arrives in pieces, then ends, breaks, or stays open. */
function bodyOf(pieces: readonly number[], end: 'close' | 'break' | 'stay' = 'close') {
  let value = 0;
  const source: UnderlyingByteSource = {
    type: 'bytes',
    start(controller) {
      for (const length of pieces) {
        controller.enqueue(Uint8Array.from({ length }, () => value++ % 251));
      }
      if (end === 'close') controller.close();
    },
    pull(controller) {
      if (end === 'break') controller.error(new Error('connection reset'));
      return end === 'stay' ? new Promise<void>(() => {}) : undefined;
    },
  };
  return new ReadableStream(source) as ReadableStream<Uint8Array>;
}

const counting = (length: number) => Uint8Array.from({ length }, (_, i) => i % 251);

describe('readBody', () => {
  it('reads into one buffer of the announced size', async () => {
    const body = await readBody(bodyOf([1, 500, 99]), 600, LIMITS);
    expect(body).toEqual(counting(600));
    expect(body.buffer.byteLength).toBe(600);
  });

  it('reads a body of unknown size up to the limit', async () => {
    expect(await readBody(bodyOf([10, 20]), LIMITS.bytes, LIMITS)).toEqual(counting(30));
    expect(await readBody(bodyOf([1000]), LIMITS.bytes, LIMITS)).toEqual(counting(1000));
  });

  it('is empty without a body', async () => {
    expect(await readBody(null, 0, LIMITS)).toHaveLength(0);
  });

  it('refuses one byte more than the limit', async () => {
    const reading = readBody(bodyOf([600, 401]), LIMITS.bytes, LIMITS);
    await expect(reading).rejects.toMatchObject({ code: 'body_too_large' });
  });

  it('reports a broken connection', async () => {
    const reading = readBody(bodyOf([600], 'break'), LIMITS.bytes, LIMITS);
    await expect(reading).rejects.toMatchObject({ code: 'body_incomplete' });
  });

  it('has a timeout', async () => {
    const reading = readBody(bodyOf([600], 'stay'), LIMITS.bytes, { ...LIMITS, timeoutMs: 20 });
    await expect(reading).rejects.toMatchObject({ code: 'body_timeout' });
  });
});

describe('announcedBytes', () => {
  const headers = (length?: string) => new Headers(length ? { 'content-length': length } : {});

  it('is Content-Length, or the limit', () => {
    expect(announcedBytes(headers('12'), LIMITS)).toBe(12);
    expect(announcedBytes(headers(), LIMITS)).toBe(1000);
  });

  it('refuses a body that is too long before reading it', () => {
    expect(() => announcedBytes(headers('1001'), LIMITS)).toThrow(
      expect.objectContaining({ code: 'body_too_large' }),
    );
  });
});

it('freeBody frees the memory at once', async () => {
  const body = await readBody(bodyOf([600]), 600, LIMITS);
  freeBody(body);
  expect(body.buffer.byteLength).toBe(0);
});
