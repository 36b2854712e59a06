/**
 * The chunks of a PNG file (W3C PNG, third edition, section 5).
 * @module
 */
import { type Bytes, broken } from '../bytes.ts';

export interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

/**
 * From the first chunk to IEND or the end of the file. The decoder checks whether all rows are there, so the
 * last chunk may be truncated, and IEND may be damaged.
 *
 * Any other chunk with a wrong CRC is `broken_image`, unless it is optional (a
 * lower-case first letter, section 5.4): then it is skipped, like in libpng.
 */
export function* chunks(file: Bytes): Generator<Chunk> {
  for (let at = 8; at + 8 <= file.length; ) {
    const length = file.u32(at);
    const type = file.ascii(at + 4, 4);
    if (type === 'IEND') return;
    const end = at + 8 + length;
    if (end + 4 > file.length) {
      yield { type, data: file.data.subarray(at + 8, end) };
      return;
    }
    const intact = crc32(file.slice(at + 4, length + 4)) === file.u32(end);
    if (intact) yield { type, data: file.slice(at + 8, length) };
    else if (!/^[a-z][A-Za-z]{3}$/.test(type)) throw broken('a chunk is damaged (wrong CRC)');
    at = end + 4;
  }
}

/** CRC-32 of PNG's Annex D, four bytes at a time ("slicing": Kounavis and Berry, 2005). */
export function crc32(data: Uint8Array): number {
  let crc = -1;
  let i = 0;
  for (; i + 4 <= data.length; i += 4) {
    crc ^= data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24);
    crc =
      CRC_TABLE[768 + (crc & 255)]! ^
      CRC_TABLE[512 + ((crc >>> 8) & 255)]! ^
      CRC_TABLE[256 + ((crc >>> 16) & 255)]! ^
      CRC_TABLE[crc >>> 24]!;
  }
  for (; i < data.length; i++) crc = CRC_TABLE[(crc ^ data[i]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** CRC of a byte, then of a byte followed by 1, 2 and 3 zero bytes. */
const CRC_TABLE = new Int32Array(4 * 256);
for (let n = 0; n < 256; n++) {
  let crc = n;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  CRC_TABLE[n] = crc;
}
for (let n = 256; n < 1024; n++) {
  const before = CRC_TABLE[n - 256]!;
  CRC_TABLE[n] = CRC_TABLE[before & 255]! ^ (before >>> 8);
}
