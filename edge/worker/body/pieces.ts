/**
 * A pull stream of bytes: of a body, or of its decompression.
 * @module
 */

export interface Pieces {
  /** The next piece, at least one byte; undefined at the end. */
  next(): Promise<Uint8Array | undefined>;
  /** Stops reading and releases the body, for `drain`. */
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

/** A single piece. */
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

/** Releases a body, for `drain`; cancels one with a pending read. */
export function leave(reader: ReadableStreamDefaultReader | ReadableStreamBYOBReader): void {
  try {
    reader.releaseLock();
  } catch {
    reader.cancel().catch(() => {}); // already broken
  }
}
