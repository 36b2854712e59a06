import { HebbError } from '../../shared/model/errors.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const SKIP = 64;
const INVALID = 65;

/** Value of each character, for both alphabets of RFC 4648. */
const VALUES = new Uint8Array(256).fill(INVALID);
for (let i = 0; i < ALPHABET.length; i++) VALUES[ALPHABET.charCodeAt(i)] = i;
VALUES['-'.charCodeAt(0)] = 62;
VALUES['_'.charCodeAt(0)] = 63;
for (const blank of ' \t\r\n=') VALUES[blank.charCodeAt(0)] = SKIP;

/**
 * Decodes base64 (RFC 4648, either alphabet, line breaks and padding ignored) over itself: the
 * result is a view on the start of `text`, which is destroyed. No second buffer is made.
 */
export function decodeBase64InPlace(text: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  let bits = 0;
  let count = 0;
  let out = 0;
  for (let i = 0; i < text.length; i++) {
    const value = VALUES[text[i]!]!;
    if (value === SKIP) continue;
    if (value === INVALID) {
      throw new HebbError('invalid_argument', `Byte ${i} of the image is no base64 character.`);
    }
    bits = (bits << 6) | value;
    if (++count === 4) {
      text[out++] = bits >> 16;
      text[out++] = bits >> 8;
      text[out++] = bits;
      bits = 0;
      count = 0;
    }
  }
  if (count === 1) throw new HebbError('invalid_argument', 'The base64 of the image is cut off.');
  if (count > 1) text[out++] = bits >> (count === 2 ? 4 : 10);
  if (count === 3) text[out++] = bits >> 2;
  return text.subarray(0, out);
}
