/**
 * Reads a streaming body by size or up to a delimiter. Buffers one chunk only, so the sender gets
 * backpressure; yields to other requests between slices.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { GrowingBuffer } from '../body/growing-buffer.ts';
import { indexOf } from '../body/index-of.ts';
import type { Pieces } from '../body/pieces.ts';
import { Slices } from '../concurrency/slices.ts';
import { LIMITS } from '../limits.ts';

export interface Found {
  /** The bytes before the delimiter. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
  readonly tooLong?: true;
  /** The body ended without a delimiter. */
  readonly ended?: true;
}

export class ByteSource {
  readonly #pieces: Pieces;
  readonly #idleMs: number;
  readonly slices = new Slices();
  #chunk: Uint8Array = new Uint8Array(0);

  /** @param idleMs longest wait for the next piece */
  constructor(pieces: Pieces, idleMs: number) {
    this.#pieces = pieces;
    this.#idleMs = idleMs;
  }

  /** The bytes at hand, at least one and at most a slice; none at the end. */
  async some(): Promise<Uint8Array> {
    while (this.#chunk.length === 0) {
      const { promise, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(() => {
        const seconds = this.#idleMs / 1000;
        reject(new HebbError('body_timeout', `No byte of the body arrived for ${seconds} s.`));
      }, this.#idleMs);
      try {
        const piece = await Promise.race([this.#pieces.next(), promise]);
        if (!piece) break;
        this.#chunk = piece;
      } catch (error) {
        if (error instanceof HebbError) throw error;
        throw new HebbError('body_incomplete', 'The body was cut off.', { cause: error });
      } finally {
        clearTimeout(timer);
      }
    }
    return this.#chunk.subarray(0, LIMITS.slice.bytes);
  }

  /** Consumes bytes of `some`. */
  async advance(bytes: number): Promise<void> {
    this.#chunk = this.#chunk.subarray(bytes);
    const turn = this.slices.spend(bytes);
    if (turn) await turn;
  }

  /** Exactly this many bytes, copied; undefined at the end. Throws `body_incomplete` if fewer are left. */
  async take(bytes: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const taken = new Uint8Array(bytes);
    let at = 0;
    while (at < bytes) {
      const piece = (await this.some()).subarray(0, bytes - at);
      if (piece.length === 0) break;
      taken.set(piece, at);
      at += piece.length;
      await this.advance(piece.length);
    }
    if (at === bytes) return taken;
    if (at === 0) return undefined;
    throw incomplete();
  }

  async skip(bytes: number): Promise<void> {
    for (let left = bytes; left > 0; ) {
      const { length } = (await this.some()).subarray(0, left);
      if (length === 0) throw incomplete();
      left -= length;
      await this.advance(length);
    }
  }

  /**
   * The bytes before the delimiter; the next read starts after it. More than `most` bytes are read and
   * dropped, and `tooLong` is set instead.
   */
  async until(delimiter: Uint8Array, most: number): Promise<Found> {
    return await this.#find(delimiter, most, true);
  }

  /** Like `until`, but stops reading as soon as it is too long. */
  async within(delimiter: Uint8Array, most: number): Promise<Found> {
    return await this.#find(delimiter, most, false);
  }

  async #find(delimiter: Uint8Array, most: number, toTheEnd: boolean): Promise<Found> {
    const buffer = new GrowingBuffer();
    let tooLong: true | undefined;
    for (;;) {
      const chunk = await this.some();
      if (chunk.length === 0) {
        return { ...(tooLong ? { tooLong } : { bytes: buffer.finish() }), ended: true };
      }
      const before = buffer.length;
      if (before === 0 && !tooLong) {
        // Of many short records in a chunk each is copied once, without the rest of the chunk.
        const at = indexOf(chunk, delimiter);
        if (at >= 0) {
          await this.advance(at + delimiter.length);
          return at > most ? { tooLong: true } : { bytes: new Uint8Array(chunk.subarray(0, at)) };
        }
      }
      buffer.append(chunk);
      // The delimiter may start in the previous chunk.
      const at =
        before === 0 ? -1 : indexOf(buffer.bytes, delimiter, before - delimiter.length + 1);
      if (at >= 0) {
        await this.advance(at + delimiter.length - before);
        if (tooLong || at > most) return { tooLong: true };
        return { bytes: buffer.finish(at) };
      }
      await this.advance(chunk.length);
      if (buffer.length > most + delimiter.length) {
        tooLong = true;
        if (!toTheEnd) return { tooLong };
        buffer.keepLast(delimiter.length - 1);
      }
    }
  }

  /** Stops reading. */
  async leave(): Promise<void> {
    await this.#pieces.leave();
  }
}

export const incomplete = () =>
  new HebbError('body_incomplete', 'The body ends in the middle of an image.');
