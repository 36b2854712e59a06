/**
 * Decompresses deflate (RFC 1951) and gzip (RFC 1952) on demand. A thousand bytes of deflate may be a
 * million of zeros, and workerd's DecompressionStream unpacks whatever is written at once, without
 * backpressure. So it is fed small pieces, and only when all output so far has been read.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { nextTurn } from '../concurrency/slices.ts';
import { withinMs } from '../concurrency/within-ms.ts';
import { LIMITS } from '../limits.ts';
import type { Pieces } from './pieces.ts';

/** The bytes that the archives of one request, including nested ones, may still unpack to. */
export class UnpackedBytes {
  readonly #most: number;
  readonly #tooMuch: (most: number) => HebbError;
  #left: number;

  constructor(most: number, tooMuch: (most: number) => HebbError) {
    this.#most = most;
    this.#tooMuch = tooMuch;
    this.#left = most;
  }

  /** Throws the error of `tooMuch` above the limit. */
  spend(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) throw this.#tooMuch(this.#most);
  }
}

/** `deflate` is zlib's (RFC 1950), as in HTTP; `deflate-raw` is zip's. */
export type Compression = 'gzip' | 'deflate' | 'deflate-raw';

/** Names of RFC 9110, 8.4.1. */
const CODINGS: Readonly<Record<string, Compression>> = {
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
};

/** The compression of the body, from Content-Encoding; undefined without one. Throws `unsupported_format`. */
export function contentEncoding(headers: Headers): Compression | undefined {
  const name = (headers.get('content-encoding') ?? '').trim().toLowerCase();
  if (name === '' || name === 'identity') return undefined;
  const known = CODINGS[name];
  if (known) return known;
  throw new HebbError(
    'unsupported_format',
    `Content-Encoding "${name.slice(0, 100)}" is not supported; gzip and deflate are.`,
    { hint: 'Send the image without Content-Encoding: images hardly compress.' },
  );
}

/** Most bytes of one read of workerd's stream. */
const FULL_READ = 4_096;

/** Longest wait for a pending read of the body, ms. */
const LEAVE_MS = 1_000;

/** Not `pipeThrough`: workerd's releases the body late, or cancels it. */
export class Inflate implements Pieces {
  readonly #packed: Pieces;
  readonly #unpacked: UnpackedBytes;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<BufferSource>;
  #piece: Uint8Array = new Uint8Array(0);
  #feeding: Promise<void> | undefined;
  #closed = false;
  /** The error of the body or of the compressed data. */
  #broken: unknown;
  /** Bytes of the last write, and of the output since. */
  #fed = 0;
  #came = 0;
  /** Whether the last read emptied the output. */
  #drained = true;

  constructor(packed: Pieces, format: Compression, unpacked: UnpackedBytes) {
    const { readable, writable } = new DecompressionStream(format);
    this.#packed = packed;
    this.#unpacked = unpacked;
    this.#reader = readable.getReader();
    this.#writer = writable.getWriter();
    this.#writer.closed.catch(() => {}); // the reader gets the error
  }

  async next(): Promise<Uint8Array | undefined> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    const reading = this.#reader.read();
    const read = reading.then(settle, settle);
    // Output that is ready arrives within a turn; only without any, more is fed.
    if (!this.#drained) await Promise.race([read, nextTurn()]);
    while (!settled && !this.#closed) {
      this.#feeding ??= this.#feed().finally(() => {
        this.#feeding = undefined;
      });
      await Promise.race([read, this.#feeding]);
      if (!settled) await Promise.race([read, nextTurn()]);
    }
    const { done, value } = await reading.catch((error: unknown) => {
      throw this.#broken ?? error;
    });
    if (done) return undefined;
    this.#unpacked.spend(value.length);
    this.#came += value.length;
    this.#drained = value.length < FULL_READ;
    return value;
  }

  async leave(): Promise<void> {
    this.#reader.cancel().catch(() => {}); // already broken; makes the next write fail
    if (this.#feeding) await withinMs(this.#feeding, LEAVE_MS);
    await this.#packed.leave();
  }

  /** Larger pieces while the output is hardly larger than the input, as with images. */
  #feedBytes(): number {
    const { least, most } = LIMITS.slice.inflate;
    return this.#came <= 4 * this.#fed ? Math.min(most, Math.max(least, 2 * this.#fed)) : least;
  }

  async #feed(): Promise<void> {
    try {
      if (this.#piece.length === 0) {
        const piece = await this.#packed.next();
        if (!piece) {
          this.#closed = true;
          await this.#writer.close();
          return;
        }
        this.#piece = piece;
      }
      // Copied: the stream may take over what is written.
      const fed = this.#piece.slice(0, this.#feedBytes());
      this.#piece = this.#piece.subarray(fed.length);
      this.#fed = fed.length;
      this.#came = 0;
      await this.#writer.write(fed as Uint8Array<ArrayBuffer>);
    } catch (error) {
      this.#closed = true;
      this.#broken = error;
      this.#writer.abort(error).catch(() => {}); // the reader gets the error
    }
  }
}
