/**
 * Bytes that come piece by piece: of a body, or of what it unpacks to.
 * @module
 */
import { leave } from './leave.ts';

export interface Pieces {
  /** The next, of one byte at least; undefined at the end. */
  next(): Promise<Uint8Array | undefined>;
  /** Reads no more, and gives the body back to who drains it. */
  leave(): Promise<void>;
}

export function streamPieces(stream: ReadableStream<Uint8Array>): Pieces {
  const reader = stream.getReader();
  return {
    async next() {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return undefined;
        if (value.length > 0) return value;
      }
    },
    async leave() {
      leave(reader);
    },
  };
}

/** Bytes that are there already. */
export function onePiece(bytes: Uint8Array): Pieces {
  let left: Uint8Array | undefined = bytes.length > 0 ? bytes : undefined;
  return {
    async next() {
      const piece = left;
      left = undefined;
      return piece;
    },
    async leave() {},
  };
}
