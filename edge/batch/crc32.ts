import { Slices } from '../concurrency/slices.ts';
import { LIMITS } from '../limits.ts';

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

/** CRC-32 as zip has it (ISO 3309), in slices. */
export async function crc32(bytes: Uint8Array, slices = new Slices()): Promise<number> {
  let crc = 0xffffffff;
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + LIMITS.slice.bytes);
    const turn = slices.spend(end - at);
    for (; at < end; at++) crc = TABLE[(crc ^ bytes[at]!) & 255]! ^ (crc >>> 8);
    if (turn) await turn;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
