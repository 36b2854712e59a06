import { type Bytes, broken } from '../bytes.ts';

/** A box of an ISO base media file (ISO/IEC 14496-12, 4.2). */
export interface Box {
  readonly type: string;
  readonly body: number;
  readonly end: number;
}

/** The boxes in bytes begin..limit. */
export function* boxes(file: Bytes, begin: number, limit: number): Generator<Box> {
  for (let at = begin; at + 8 <= limit; ) {
    const type = file.ascii(at + 4, 4);
    const short = file.u32(at);
    const large = short === 1;
    const size = large ? file.u32(at + 8) * 2 ** 32 + file.u32(at + 12) : short;
    const body = at + (large ? 16 : 8);
    const end = short === 0 ? limit : at + size; // 0: to the end of the file
    if (end < body || end > limit) throw broken(`its ${JSON.stringify(type)} box is cut off`);
    yield { type, body, end };
    at = end;
  }
}
