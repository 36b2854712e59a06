/**
 * Reads a request's body into one buffer, never more than allowed and never forever.
 * @module
 */
import { HebbError } from '../../shared/model/errors.ts';
import { Slices } from '../concurrency/slices.ts';
import { contentEncoding } from './content-encoding.ts';
import { GrowingBuffer } from './growing-buffer.ts';
import { type Compression, Inflate, UnpackedBytes } from './inflate.ts';
import { leave } from './leave.ts';
import { streamPieces } from './pieces.ts';

export interface BodyLimits {
  /** Most bytes that are read. */
  readonly bytes: number;
  /** Longest time that a body may take to arrive, ms: a slow sender holds memory. */
  readonly timeoutMs: number;
}

/** Bytes that the body will take, from Content-Length; the limit where the header is missing. */
export function announcedBytes(headers: Headers, { bytes: limit }: BodyLimits): number {
  const length = headers.get('content-length');
  // What a compressed body becomes is known when it has been unpacked.
  if (length === null || contentEncoding(headers) !== undefined) return limit;
  const bytes = Number(length);
  if (!Number.isSafeInteger(bytes) || bytes < 0) {
    throw new HebbError('invalid_argument', `Content-Length is "${length.slice(0, 100)}".`);
  }
  if (bytes > limit) throw tooLarge(bytes, limit);
  return bytes;
}

/**
 * The whole body, in one buffer that is filled in place: no pieces are left for the garbage
 * collector. Throws `body_too_large`, `body_timeout`, `body_incomplete`, and leaves what it did not
 * read to the caller.
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
      // The buffer goes over to the stream and comes back under another name.
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
    throw new HebbError('body_incomplete', 'The body broke off.', { cause: error });
  } finally {
    deadline.clear();
    leave(reader);
  }
}

/** The same of a body with a Content-Encoding, unpacked as it comes. */
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
    const message = `The body broke off, or is not the ${encoding} that Content-Encoding says.`;
    throw new HebbError('body_incomplete', message, {
      hint: 'Send the image as it is, without Content-Encoding: images hardly shrink.',
      cause: error,
    });
  } finally {
    deadline.clear();
    await pieces.leave();
  }
}

/** The same of an answer; gives it up where there is an error. */
export async function readResponse(
  { body }: Response,
  expected: number,
  limits: BodyLimits,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await readBody(body, expected, limits);
  } catch (error) {
    body?.cancel().catch(() => {}); // broken already
    throw error;
  }
}

/**
 * Gives a body's memory back at once. Garbage of this size waits long for its collector, and
 * counts against the isolate all the while. No view on it may be used afterwards; once is enough, twice
 * does no harm.
 */
export function freeBody(bytes: Uint8Array<ArrayBuffer>): void {
  if (!bytes.buffer.detached) bytes.buffer.transfer(0);
}

function startDeadline(ms: number) {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {}); // it may expire when nobody waits any more
  const timer = setTimeout(
    () => reject(new HebbError('body_timeout', `The body did not arrive within ${ms / 1000} s.`)),
    ms,
  );
  return { expired: promise, clear: () => clearTimeout(timer) };
}

const tooLarge = (bytes: number, limit: number) =>
  new HebbError(
    'body_too_large',
    `The body has ${megabytes(bytes)} MB or more; at most ${megabytes(limit)} MB are read.`,
  );

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
