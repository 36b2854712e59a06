/**
 * Synchronous zlib decompression that makes no more output than requested (inflate.c).
 * `DecompressionStream` is asynchronous, and in workerd it may hold the whole output.
 * @module
 */
import type { CodecInstance } from './instance.ts';

/** A stream's outcome so far; `inflate_state` of inflate.c. */
export type InflateState =
  /** There may be more output. */
  | 'more'
  /** The input ended before the stream did. */
  | 'cut-off'
  /** The stream is complete, and its checksum is right. */
  | 'end'
  /** The stream is complete, but its checksum (or gzip's length) is wrong. */
  | 'bad-check'
  /** The data are invalid; the output before the damage was returned. */
  | 'broken';

const STATES: readonly InflateState[] = ['more', 'cut-off', 'end', 'bad-check', 'broken'];

/** `windowBits` of zlib's inflateInit2: the largest window, with the wrapper around the data. */
const WINDOW_BITS = { zlib: 15, gzip: 31, raw: -15 };

/** Bytes per piece of input and of output. */
const PIECE_BYTES = 65_536;

/** Memory of the module and one stream, bytes; a second stream takes 180,000 more. */
export const INFLATER_BYTES = 240_000;

/** One stream, whose compressed data may be in several parts. */
export class Inflater {
  readonly #codec: CodecInstance;
  readonly #parts: Iterator<Uint8Array>;
  readonly #input: number;
  readonly #output: number;
  #part: Uint8Array = new Uint8Array();
  #state: InflateState = 'more';

  /** @param codec a fresh instance of inflate.wasm */
  constructor(
    codec: CodecInstance,
    parts: Iterable<Uint8Array>,
    wrapper: keyof typeof WINDOW_BITS = 'zlib',
  ) {
    this.#codec = codec;
    this.#parts = parts[Symbol.iterator]();
    codec.call('inflate_begin', WINDOW_BITS[wrapper]);
    this.#input = codec.allocate(PIECE_BYTES);
    this.#output = codec.allocate(PIECE_BYTES);
  }

  get state(): InflateState {
    return this.#state;
  }

  /**
   * The next `most` bytes (at most 64 KiB). If there are fewer, the stream has ended, and `state` says how.
   * A view of the codec's memory, valid until the next call.
   */
  read(most: number = PIECE_BYTES): Uint8Array {
    const wanted = Math.min(most, PIECE_BYTES);
    let length = 0;
    do {
      length += this.#codec.call('inflate_output', this.#output + length, wanted - length);
      this.#state = STATES[this.#codec.call('inflate_state')]!;
    } while (this.#state === 'cut-off' && this.#feed());
    return this.#codec.view(this.#output, length);
  }

  /** Bytes after the stream's end in the last piece of input. */
  get trailingBytes(): number {
    return this.#codec.call('inflate_rest') + this.#part.length;
  }

  /** zlib's error message, if the state is `bad-check` or `broken`. */
  get message(): string {
    return this.#codec.text(this.#codec.call('inflate_message'));
  }

  /** Passes the next piece of input to zlib; false if there is none. */
  #feed(): boolean {
    while (this.#part.length === 0) {
      const next = this.#parts.next();
      if (next.done) return false;
      this.#part = next.value;
    }
    const piece = this.#part.subarray(0, PIECE_BYTES);
    this.#part = this.#part.subarray(piece.length);
    this.#codec.view(this.#input, piece.length).set(piece);
    this.#codec.call('inflate_input', this.#input, piece.length);
    return true;
  }
}
