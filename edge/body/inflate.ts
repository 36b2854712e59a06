/**
 * Deflate (RFC 1951) and gzip (RFC 1952), unpacked as far as it is read and no further. A thousand
 * bytes of deflate may be a million of zeros, and workerd's DecompressionStream unpacks what it is
 * given at once, whether anyone reads it or not. So it is fed little by little, and only when
 * everything that came out has been read.
 * @module
 */
import type { HebbError } from '../../shared/model/errors.ts';
import { nextTurn } from '../concurrency/slices.ts';
import { withinMs } from '../concurrency/within-ms.ts';
import { LIMITS } from '../limits.ts';
import type { Pieces } from './pieces.ts';

/** What the archives of one request, nested ones among them, may still unpack to. */
export class UnpackedBytes {
  readonly #most: number;
  readonly #tooMuch: (most: number) => HebbError;
  #left: number;

  constructor(most: number, tooMuch: (most: number) => HebbError) {
    this.#most = most;
    this.#tooMuch = tooMuch;
    this.#left = most;
  }

  /** Throws the error for too much. */
  spend(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) throw this.#tooMuch(this.#most);
  }
}

/** `deflate` is zlib's (RFC 1950), as HTTP has it; `deflate-raw` is zip's. */
export type Compression = 'gzip' | 'deflate' | 'deflate-raw';

/** Most bytes that workerd's stream gives at a time. */
const FULL_READ = 4_096;

/** How long the next piece of the body is waited for, which is asked for already. */
const LEAVE_MS = 1_000;

/** Not `pipeThrough`: workerd's lets the body go some time after it ended, or cancels it. */
export class Inflate implements Pieces {
  readonly #packed: Pieces;
  readonly #unpacked: UnpackedBytes;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<BufferSource>;
  #piece: Uint8Array = new Uint8Array(0);
  #feeding: Promise<void> | undefined;
  #closed = false;
  /** Why no more could be fed: of the body, or of what is packed. */
  #broken: unknown;
  /** Bytes that were fed last, and what has come out since. */
  #fed = 0;
  #came = 0;
  /** That the last read took the rest of what had been unpacked. */
  #drained = true;

  constructor(packed: Pieces, format: Compression, unpacked: UnpackedBytes) {
    const { readable, writable } = new DecompressionStream(format);
    this.#packed = packed;
    this.#unpacked = unpacked;
    this.#reader = readable.getReader();
    this.#writer = writable.getWriter();
    this.#writer.closed.catch(() => {}); // who reads hears of it
  }

  async next(): Promise<Uint8Array | undefined> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    const reading = this.#reader.read();
    const read = reading.then(settle, settle);
    // What is there already comes within a turn; only when nothing does, more is unpacked.
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
    this.#reader.cancel().catch(() => {}); // broken already; it makes the next write fail
    if (this.#feeding) await withinMs(this.#feeding, LEAVE_MS);
    await this.#packed.leave();
  }

  /** More at a time as long as it hardly grows, as images do not. */
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
      // A copy of its own size: what is written may be the stream's from then on.
      const fed = this.#piece.slice(0, this.#feedBytes());
      this.#piece = this.#piece.subarray(fed.length);
      this.#fed = fed.length;
      this.#came = 0;
      await this.#writer.write(fed as Uint8Array<ArrayBuffer>);
    } catch (error) {
      this.#closed = true;
      this.#broken = error;
      this.#writer.abort(error).catch(() => {}); // who reads hears of it
    }
  }
}
