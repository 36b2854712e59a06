/**
 * A body as it arrives, read in pieces of a wanted size or up to a mark. Holds what came last and no
 * more, so that the sender waits while there is no reader; and lets other requests in between.
 * @module
 */
import { HebbError } from '../../shared/model/errors.ts';
import { GrowingBuffer } from '../body/growing-buffer.ts';
import { indexOf } from '../body/index-of.ts';
import type { Pieces } from '../body/pieces.ts';
import { Slices } from '../concurrency/slices.ts';
import { LIMITS } from '../limits.ts';

export interface Found {
  /** What came before the mark. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
  readonly tooLong?: true;
  /** That the body has ended, without a mark. */
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

  /** What is there, a slice's worth at most: at least one byte; none at the end. */
  async some(): Promise<Uint8Array> {
    while (this.#chunk.length === 0) {
      const { promise, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(() => {
        const seconds = this.#idleMs / 1000;
        reject(new HebbError('body_timeout', `Nothing of the body came for ${seconds} s.`));
      }, this.#idleMs);
      try {
        const piece = await Promise.race([this.#pieces.next(), promise]);
        if (!piece) break;
        this.#chunk = piece;
      } catch (error) {
        if (error instanceof HebbError) throw error;
        throw new HebbError('body_incomplete', 'The body broke off.', { cause: error });
      } finally {
        clearTimeout(timer);
      }
    }
    return this.#chunk.subarray(0, LIMITS.slice.bytes);
  }

  /** Goes on behind the first so many bytes of `some`. */
  async advance(bytes: number): Promise<void> {
    this.#chunk = this.#chunk.subarray(bytes);
    const turn = this.slices.spend(bytes);
    if (turn) await turn;
  }

  /** So many bytes, in a buffer of their own; undefined at the very end. Throws when fewer are left. */
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
   * Everything before the mark; the next read begins behind it. What is longer than `most` is read and
   * forgotten, then `tooLong` is there instead.
   */
  async until(mark: Uint8Array, most: number): Promise<Found> {
    return await this.#find(mark, most, true);
  }

  /** The same of what is worth nothing when it is longer: then it is not read to its end. */
  async within(mark: Uint8Array, most: number): Promise<Found> {
    return await this.#find(mark, most, false);
  }

  async #find(mark: Uint8Array, most: number, toTheEnd: boolean): Promise<Found> {
    const buffer = new GrowingBuffer();
    let tooLong: true | undefined;
    for (;;) {
      const chunk = await this.some();
      if (chunk.length === 0) {
        return { ...(tooLong ? { tooLong } : { bytes: buffer.finish() }), ended: true };
      }
      const before = buffer.length;
      if (before === 0 && !tooLong) {
        // Short records, many in one chunk, are copied one by one and never with what follows them.
        const at = indexOf(chunk, mark);
        if (at >= 0) {
          await this.advance(at + mark.length);
          return at > most ? { tooLong: true } : { bytes: new Uint8Array(chunk.subarray(0, at)) };
        }
      }
      buffer.append(chunk);
      // A mark may have begun in the piece before.
      const at = before === 0 ? -1 : indexOf(buffer.bytes, mark, before - mark.length + 1);
      if (at >= 0) {
        await this.advance(at + mark.length - before);
        if (tooLong || at > most) return { tooLong: true };
        return { bytes: buffer.finish(at) };
      }
      await this.advance(chunk.length);
      if (buffer.length > most + mark.length) {
        tooLong = true;
        if (!toTheEnd) return { tooLong };
        buffer.keepLast(mark.length - 1);
      }
    }
  }

  /** Reads no more. */
  async leave(): Promise<void> {
    await this.#pieces.leave();
  }
}

export const incomplete = () =>
  new HebbError('body_incomplete', 'The body ends in the middle of an image.');
