/**
 * A body as it arrives, read in pieces of a wanted size or up to a mark. Holds what came last and no
 * more, so that the sender waits while nobody reads.
 * @module
 */
import { HebbError } from '../../shared/model/errors.ts';
import { leave } from '../body/leave.ts';
import { GrowingBuffer } from './growing-buffer.ts';

export interface Found {
  /** What came before the mark. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
  readonly tooLong?: true;
  /** That the body has ended, without a mark. */
  readonly ended?: true;
}

export class ByteSource {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #idleMs: number;
  #chunk: Uint8Array = new Uint8Array(0);
  #left: number;

  /**
   * @param idleMs longest wait for the next piece
   * @param most bytes in all; `batch_too_large` is thrown for more
   */
  constructor(body: ReadableStream<Uint8Array>, idleMs: number, most = Infinity) {
    this.#reader = body.getReader();
    this.#idleMs = idleMs;
    this.#left = most;
  }

  /** What is there: at least one byte; none at the end. */
  async some(): Promise<Uint8Array> {
    while (this.#chunk.length === 0) {
      const { promise, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(() => {
        const seconds = this.#idleMs / 1000;
        reject(new HebbError('body_timeout', `Nothing of the body came for ${seconds} s.`));
      }, this.#idleMs);
      try {
        const { done, value } = await Promise.race([this.#reader.read(), promise]);
        if (done) break;
        this.#left -= value.length;
        if (this.#left < 0) {
          throw new HebbError('batch_too_large', 'The archive unpacks to too many bytes.');
        }
        this.#chunk = value;
      } catch (error) {
        if (error instanceof HebbError) throw error;
        throw new HebbError('body_incomplete', 'The body broke off.', { cause: error });
      } finally {
        clearTimeout(timer);
      }
    }
    return this.#chunk;
  }

  /** Goes on behind the first so many bytes of `some`. */
  advance(bytes: number): void {
    this.#chunk = this.#chunk.subarray(bytes);
  }

  /** So many bytes, in a buffer of their own; undefined at the very end. Throws when fewer are left. */
  async take(bytes: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const taken = new Uint8Array(bytes);
    let at = 0;
    for await (const piece of this.pieces(bytes)) {
      taken.set(piece, at);
      at += piece.length;
    }
    if (at === bytes) return taken;
    if (at === 0) return undefined;
    throw incomplete();
  }

  /** So many bytes, piece by piece; fewer at the end. */
  async *pieces(bytes: number): AsyncGenerator<Uint8Array> {
    for (let left = bytes; left > 0; ) {
      const chunk = await this.some();
      if (chunk.length === 0) return;
      const piece = chunk.subarray(0, left);
      this.advance(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  async skip(bytes: number): Promise<void> {
    let skipped = 0;
    for await (const piece of this.pieces(bytes)) skipped += piece.length;
    if (skipped < bytes) throw incomplete();
  }

  /**
   * Everything before the mark, and goes on behind it; undefined when the body ends without one.
   * What is longer than `most` is read and forgotten, then `tooLong` is there instead.
   */
  async until(mark: Uint8Array, most: number): Promise<Found> {
    const buffer = new GrowingBuffer();
    let tooLong: true | undefined;
    let from = 0;
    for (;;) {
      const chunk = await this.some();
      if (chunk.length === 0) {
        return { ...(tooLong ? { tooLong } : { bytes: buffer.finish() }), ended: true };
      }
      const before = buffer.length;
      buffer.append(chunk);
      this.advance(chunk.length);
      // A mark may have begun in the piece before.
      const at = indexOf(buffer.bytes, mark, Math.max(from, before - mark.length + 1));
      if (at >= 0) {
        const behind = buffer.length - at - mark.length;
        this.#chunk = behind > 0 ? chunk.subarray(chunk.length - behind) : this.#chunk;
        if (tooLong || at > most) return { tooLong: true };
        return { bytes: buffer.finish(at) };
      }
      from = Math.max(0, buffer.length - mark.length + 1);
      if (buffer.length > most + mark.length) {
        tooLong = true;
        buffer.keepLast(mark.length - 1);
        from = 0;
      }
    }
  }

  /** Reads no more. */
  leave(): void {
    leave(this.#reader);
  }
}

/** First index of `needle` at or after `from`, or −1. */
export function indexOf(bytes: Uint8Array, needle: Uint8Array, from = 0): number {
  const first = needle[0]!;
  let at = bytes.indexOf(first, from);
  while (at >= 0 && at + needle.length <= bytes.length) {
    let i = 1;
    while (i < needle.length && bytes[at + i] === needle[i]) i++;
    if (i === needle.length) return at;
    at = bytes.indexOf(first, at + 1);
  }
  return -1;
}

export const incomplete = () =>
  new HebbError('body_incomplete', 'The body ends in the middle of an image.');
