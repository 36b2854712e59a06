import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { unzip as unzipCallback } from 'node:zlib';
import { HebbError } from '../../../shared/model/index.ts';

const unzip = promisify(unzipCallback);

export interface BodyLimits {
  /** Most bytes, packed or not. */
  readonly limit: number;
  /** Called before so many bytes are held. */
  readonly reserve?: (bytes: number) => void;
  /** Called with the bytes as they came, before they are unpacked. */
  readonly check?: (bytes: Uint8Array) => void;
}

/** What is unpacked: for `Accept-Encoding` of an answer that refuses another coding (RFC 9110, 12.5.3). */
export const CODINGS = 'gzip, deflate';

/**
 * The whole body of a request, unpacked if it is sent with `Content-Encoding: gzip` or `deflate`.
 * Throws `body_too_large`, `unsupported_encoding`, `body_incomplete` when the connection breaks, or
 * what `reserve` throws.
 */
export async function readBody(
  request: IncomingMessage,
  { limit, reserve = () => {}, check = () => {} }: BodyLimits,
): Promise<Uint8Array> {
  const tooLarge = () =>
    new HebbError('body_too_large', `A body may have ${limit} bytes.`, {
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
    throw new HebbError('invalid_argument', `The body is not ${coding}.`, { cause });
  }
}

/**
 * How a body is packed; undefined when it is not. Codings are compared without case, `x-gzip` is an old
 * name of gzip (RFC 9110, 8.4.1), and `identity` is none.
 */
function codingOf(header: string): 'gzip' | 'deflate' | undefined {
  const named = header.split(',').map((name) => name.trim().toLowerCase());
  const [coding, ...more] = named.filter((name) => name !== '' && name !== 'identity');
  if (coding === undefined) return undefined;
  if (more.length === 0 && (coding === 'gzip' || coding === 'x-gzip')) return 'gzip';
  if (more.length === 0 && coding === 'deflate') return coding;
  const shown = header.slice(0, 100);
  throw new HebbError('unsupported_encoding', `Content-Encoding "${shown}" is not read here.`);
}

/** Events, since leaving a `for await` early destroys the connection, and with it the answer. */
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
        request.off('data', add).resume(); // the rest is read and forgotten
        reject(error);
      }
    };
    const broken = (cause?: Error) =>
      reject(
        new HebbError('body_incomplete', 'The connection broke before the body was there.', {
          cause,
        }),
      );
    request.on('data', add);
    request.once('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    request.once('error', broken).once('close', broken); // after 'end', 'close' changes nothing
  });
}

/** Bytes that requests under way may hold together, so that many large ones cannot take all memory. */
export interface BodyBudget {
  /**
   * Runs `work`, which reserves what it is about to hold; all of it is given back at the end.
   * `reserve` throws `overloaded` when there is not so much left.
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
            const message = `The requests under way hold ${held} of ${capacity} bytes.`;
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
