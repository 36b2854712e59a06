import type { Bytes } from '../bytes.ts';

/** A chunk of a RIFF file: four characters, a length, data padded to an even length. */
export interface RiffChunk {
  readonly type: string;
  readonly at: number;
  /** First and last + 1 byte of its data, without the padding. */
  readonly body: number;
  readonly end: number;
}

/** The chunks in bytes begin..limit; stops before one that does not fit. */
export function* riffChunks(
  file: Bytes,
  begin: number,
  limit: number,
): Generator<RiffChunk, undefined> {
  for (let at = begin; at + 8 <= limit; ) {
    const body = at + 8;
    const end = body + file.u32(at + 4, true);
    if (end > limit) return;
    yield { type: file.ascii(at, 4), at, body, end };
    at = end + (end & 1);
  }
}
