/**
 * GIF's LZW (GIF89a specification, appendix F): codes of 3 to 12 bits, least significant first,
 * in sub-blocks of at most 255 bytes.
 * @module
 */
import { type Bytes, broken } from '../bytes.ts';

const MAX_CODES = 4096;

/**
 * Decodes palette indices from the data at `at` and passes `pixels` of them to `take`. Throws
 * `broken_image` if there are fewer. Ignores the data after them.
 */
export function decodeLzw(
  file: Bytes,
  at: number,
  pixels: number,
  take: (index: number) => void,
): void {
  const minimumSize = file.u8(at);
  if (minimumSize < 1 || minimumSize > 11) throw broken(`its code size is ${minimumSize}`);
  const clear = 1 << minimumSize;
  const end = clear + 1;
  // A code stands for the string of code prefix[code], followed by the index last[code].
  const prefix = new Uint16Array(MAX_CODES);
  const last = new Uint8Array(MAX_CODES);
  const reversed = new Uint8Array(MAX_CODES + 1);
  const read = codeReader(file, at + 1);
  let size = minimumSize + 1;
  let next = clear + 2;
  let previous = -1;
  let first = 0;
  for (let left = pixels; left > 0; ) {
    const code = read(size);
    if (code === clear) {
      size = minimumSize + 1;
      next = clear + 2;
      previous = -1;
      continue;
    }
    if (code === end) throw broken('its picture data end too early');
    if (code > next || (code === next && previous < 0))
      throw broken('its picture data are damaged');
    let length = 0;
    let link = code;
    if (code === next) {
      reversed[length++] = first; // the string before, and its own first index
      link = previous;
    }
    for (; link >= clear; link = prefix[link]!) reversed[length++] = last[link]!;
    first = link;
    reversed[length++] = first;
    if (previous >= 0 && next < MAX_CODES) {
      prefix[next] = previous;
      last[next++] = first;
      if (next === 1 << size && size < 12) size++;
    }
    previous = code;
    while (length > 0 && left > 0) {
      take(reversed[--length]!);
      left--;
    }
  }
}

/** Reads codes through the sub-blocks. */
function codeReader(file: Bytes, begin: number): (size: number) => number {
  let at = begin;
  let inBlock = 0;
  let bits = 0;
  let count = 0;
  return (size) => {
    while (count < size) {
      if (inBlock === 0) {
        inBlock = file.u8(at++);
        if (inBlock === 0) throw broken('its picture data end too early');
      }
      bits |= file.u8(at++) << count;
      inBlock--;
      count += 8;
    }
    const code = bits & ((1 << size) - 1);
    bits >>>= size;
    count -= size;
    return code;
  };
}
