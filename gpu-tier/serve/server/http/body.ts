/**
 * Reads request bodies within limits of memory.
 * @module
 */
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { unzip as unzipCallback } from 'node:zlib';
import { HebbError } from '@hebb/model';

const unzip = promisify(unzipCallback);

export interface BodyLimits {
  /** Limit in bytes, before and after decompression. */
  readonly limit: number;
  /** Called before `bytes` more bytes are held in memory. */
  readonly reserve?: (bytes: number) => void;
  /** Called with the received bytes, before decompression. */
  readonly check?: (bytes: Uint8Array) => void;
}

/** Supported content codings, for `Accept-Encoding` in the answer to another coding (RFC 9110, 12.5.3). */
export const CODINGS = 'gzip, deflate';

/**
 * The whole body of a request, decompressed if it has `Content-Encoding: gzip` or `deflate`. Throws
 * `body_too_large`, `unsupported_encoding`, `body_incomplete` when the connection breaks, or the error of
 * `reserve` or `check`.
 */
export async function readBody(
  request: IncomingMessage,
  { limit, reserve = () => {}, check = () => {} }: BodyLimits,
): Promise<Uint8Array> {
  const tooLarge = () =>
    new HebbError('body_too_large', `The body is larger than ${limit} bytes.`, {
      hint: 'Send fewer images in one request, or as binary tensors.',
    });
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const coding = codingOf(request.headers['content-encoding'] ?? '');
  const body = await collect(request, limit, tooLarge, reserve);
  check(body);
  if (coding === undefined) return body;
  try {
    const unpacked = await unzip(body, { maxOutputLength: limit });
    reserve(unpacked.length);
    return unpacked;
  } catch (cause) {
    if (cause instanceof HebbError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new HebbError('invalid_argument', `The body is not valid ${coding}.`, { cause });
  }
}

/**
 * The content coding; undefined if there is none. Codings are case-insensitive, `x-gzip` is an alias of gzip
 * (RFC 9110, 8.4.1), and `identity` means none.
 */
function codingOf(header: string): 'gzip' | 'deflate' | undefined {
  const named = header.split(',').map((name) => name.trim().toLowerCase());
  const [coding, ...more] = named.filter((name) => name !== '' && name !== 'identity');
  if (coding === undefined) return undefined;
  if (more.length === 0 && (coding === 'gzip' || coding === 'x-gzip')) return 'gzip';
  if (more.length === 0 && coding === 'deflate') return coding;
  const shown = header.slice(0, 100);
  throw new HebbError('unsupported_encoding', `Content-Encoding "${shown}" is not supported.`);
}

/** Uses events, since leaving a `for await` early would destroy the connection before the answer is sent. */
function collect(
  request: IncomingMessage,
  limit: number,
  tooLarge: () => HebbError,
  reserve: (bytes: number) => void,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const add = (chunk: Buffer) => {
      try {
        bytes += chunk.length;
        if (bytes > limit) throw tooLarge();
        reserve(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        request.off('data', add).resume(); // reads and discards the rest
        reject(error);
      }
    };
    const broken = (cause?: Error) =>
      reject(
        new HebbError('body_incomplete', 'The connection broke before the body was complete.', {
          cause,
        }),
      );
    request.on('data', add);
    request.once('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    request.once('error', broken).once('close', broken); // no effect after 'end'
  });
}

/** Limits the bytes that all requests in progress hold together. */
export interface BodyBudget {
  /**
   * Runs `work`, which must call `reserve` before it holds more bytes. They are released when `work` ends. `reserve`
   * throws `overloaded` if the budget is exhausted.
   */
  hold<T>(work: (reserve: (bytes: number) => void) => Promise<T>): Promise<T>;
}

export function createBodyBudget(capacity: number): BodyBudget {
  let held = 0;
  return {
    async hold(work) {
      let own = 0;
      try {
        return await work((bytes) => {
          if (held + bytes > capacity) {
            const message = `The requests in progress hold ${held} of ${capacity} bytes.`;
            throw new HebbError('overloaded', message);
          }
          held += bytes;
          own += bytes;
        });
      } finally {
        held -= own;
      }
    },
  };
}
