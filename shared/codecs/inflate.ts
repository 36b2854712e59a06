/**
 * zlib decompression that is not asynchronous and makes no more output than it is asked for
 * (inflate.c). `DecompressionStream` is neither: in workerd it may hold the whole output.
 * @module
 */
import type { CodecInstance } from './instance.ts';

/** A stream's outcome so far; `inflate_state` of inflate.c. */
export type InflateState =
  /** There may be more output. */
  | 'more'
  /** The input ended before the stream did. */
  | 'cut-off'
  /** The whole stream is out, and its checksum is right. */
  | 'end'
  /** The whole stream is out, but its checksum (or gzip's length) says otherwise. */
  | 'bad-check'
  /** The data make no sense; what came before the damage is out. */
  | 'broken';

const STATES: readonly InflateState[] = ['more', 'cut-off', 'end', 'bad-check', 'broken'];

/** `windowBits` of zlib's inflateInit2: the largest window, with the wrapper around the data. */
const WINDOW_BITS = { zlib: 15, gzip: 31, raw: -15 };

/** Bytes handed over at a time, either way. */
const PIECE_BYTES = 65_536;

/** What the module and one stream take of the memory, bytes; a second stream takes 180,000 more. */
export const INFLATER_BYTES = 240_000;

/** One stream, whose compressed data may lie in several parts. */
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
   * The next bytes, as many as asked for (64 KiB at most); fewer only where the stream ends, which
   * `state` then tells. A view on the codec's memory, valid until the next call.
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

  /** Bytes after the stream's end that were handed over in the same piece as its last. */
  get trailingBytes(): number {
    return this.#codec.call('inflate_rest') + this.#part.length;
  }

  /** zlib's words for what is wrong, when the state is `bad-check` or `broken`. */
  get message(): string {
    return this.#codec.text(this.#codec.call('inflate_message'));
  }

  /** Hands over the next piece of input; false when there is none. */
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
