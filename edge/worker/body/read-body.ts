/**
 * Reads a request's body into one buffer, with limits on size and time.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { Slices } from '../concurrency/slices.ts';
import { GrowingBuffer } from './growing-buffer.ts';
import { type Compression, contentEncoding, Inflate, UnpackedBytes } from './inflate.ts';
import { leave, streamPieces } from './pieces.ts';

export interface BodyLimits {
  /** Most bytes of a body. */
  readonly bytes: number;
  /** Longest time for the whole body, ms: a slow sender holds memory. */
  readonly timeoutMs: number;
}

/** Size of the body from Content-Length; the limit without that header. */
export function announcedBytes(headers: Headers, { bytes: limit }: BodyLimits): number {
  const length = headers.get('content-length');
  // The size of a compressed body is known only after decompression.
  if (length === null || contentEncoding(headers) !== undefined) return limit;
  const bytes = Number(length);
  if (!Number.isSafeInteger(bytes) || bytes < 0) {
    throw new HebbError(
      'invalid_argument',
      `Content-Length "${length.slice(0, 100)}" is not a number of bytes.`,
    );
  }
  if (bytes > limit) throw tooLarge(bytes, limit);
  return bytes;
}

/**
 * The whole body, in one buffer that is filled in place, without garbage. Throws `body_too_large`,
 * `body_timeout`, `body_incomplete`, and leaves the rest of the body to the caller.
 * @param expected bytes that were reserved for it (`announcedBytes`)
 */
export async function readBody(
  body: ReadableStream<Uint8Array> | null,
  expected: number,
  limits: BodyLimits,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!body || expected === 0) return new Uint8Array(0);
  const reader = body.getReader({ mode: 'byob' });
  const deadline = startDeadline(limits.timeoutMs);
  let buffer = new ArrayBuffer(expected);
  let length = 0;
  try {
    while (length < expected) {
      // The read detaches the buffer and returns its memory as another one.
      const rest = new Uint8Array(buffer, length);
      const { done, value } = await Promise.race([reader.read(rest), deadline.expired]);
      if (value) buffer = value.buffer;
      if (done) return new Uint8Array(buffer, 0, length);
      length += value.byteLength;
    }
    const { done } = await Promise.race([reader.read(new Uint8Array(1)), deadline.expired]);
    if (!done) throw tooLarge(expected + 1, expected);
    return new Uint8Array(buffer);
  } catch (error) {
    if (error instanceof HebbError) throw error;
    throw new HebbError('body_incomplete', 'The body was cut off.', { cause: error });
  } finally {
    deadline.clear();
    leave(reader);
  }
}

/** Like `readBody`, for a body with a Content-Encoding. */
export async function readEncodedBody(
  body: ReadableStream<Uint8Array> | null,
  encoding: Compression,
  limits: BodyLimits,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!body) return new Uint8Array(0);
  const unpacked = new UnpackedBytes(limits.bytes, (most) => tooLarge(most + 1, most));
  const pieces = new Inflate(streamPieces(body), encoding, unpacked);
  const deadline = startDeadline(limits.timeoutMs);
  const slices = new Slices();
  const whole = new GrowingBuffer();
  try {
    for (;;) {
      const piece = await Promise.race([pieces.next(), deadline.expired]);
      if (!piece) return whole.finish();
      whole.append(piece);
      const turn = slices.spend(piece.length);
      if (turn) await turn;
    }
  } catch (error) {
    if (error instanceof HebbError) throw error;
    const message = `The body was cut off, or is not valid ${encoding} as Content-Encoding says.`;
    throw new HebbError('body_incomplete', message, {
      hint: 'Send the image without Content-Encoding: images hardly compress.',
      cause: error,
    });
  } finally {
    deadline.clear();
    await pieces.leave();
  }
}

/** Like `readBody`, for a response, which is cancelled after an error. */
export async function readResponse(
  { body }: Response,
  expected: number,
  limits: BodyLimits,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await readBody(body, expected, limits);
  } catch (error) {
    body?.cancel().catch(() => {}); // already broken
    throw error;
  }
}

/**
 * Frees a body's memory at once. Garbage of this size is collected late and counts against the isolate
 * until then. Invalidates all views on it. Idempotent.
 */
export function freeBody(bytes: Uint8Array<ArrayBuffer>): void {
  if (!bytes.buffer.detached) bytes.buffer.transfer(0);
}

function startDeadline(ms: number) {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {}); // may reject without a waiter
  const timer = setTimeout(
    () => reject(new HebbError('body_timeout', `The body did not arrive within ${ms / 1000} s.`)),
    ms,
  );
  return { expired: promise, clear: () => clearTimeout(timer) };
}

const tooLarge = (bytes: number, limit: number) =>
  new HebbError(
    'body_too_large',
    `The body has at least ${megabytes(bytes)} MB; the limit is ${megabytes(limit)} MB.`,
  );

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
