/**
 * In-place decoder of base64 in a JSON string.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { Slices } from '../concurrency/slices.ts';
import { LIMITS } from '../limits.ts';
import { escapeAt, escapeLength } from './json-escape.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const SKIP = 64;
const INVALID = 65;
const QUOTE = 34;
const BACKSLASH = 92;

/** Value of each character, for both alphabets of RFC 4648. */
const VALUES = new Uint8Array(256).fill(INVALID);
for (let i = 0; i < ALPHABET.length; i++) VALUES[ALPHABET.charCodeAt(i)] = i;
VALUES['-'.charCodeAt(0)] = 62;
VALUES['_'.charCodeAt(0)] = 63;
for (const blank of ' \t\r\n=') VALUES[blank.charCodeAt(0)] = SKIP;

export interface Decoded {
  /** A view on the body. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Index of the closing quote; −1 without one. */
  readonly end: number;
}

/**
 * Decodes the base64 (RFC 4648, either alphabet, line breaks and padding ignored) of a JSON string
 * (RFC 8259, 7: any character may be escaped), in one pass and in slices, over the text itself.
 * @param start of the base64 in the body
 */
export async function decodeBase64InPlace(
  body: Uint8Array<ArrayBuffer>,
  start: number,
): Promise<Decoded> {
  const slices = new Slices();
  let bits = 0;
  let count = 0;
  let out = start;
  let at = start;
  const finish = (end: number): Decoded => {
    if (count === 1) throw new HebbError('invalid_argument', 'The base64 of the image is cut off.');
    if (count > 1) body[out++] = bits >> (count === 2 ? 4 : 10);
    if (count === 3) body[out++] = bits >> 2;
    return { bytes: body.subarray(start, out), end };
  };
  while (at < body.length) {
    const began = at;
    const stop = Math.min(body.length, at + LIMITS.slice.bytes);
    while (at < stop) {
      // The fast path: four plain characters for three bytes.
      while (count === 0 && at + 4 <= stop) {
        const a = VALUES[body[at]!]!;
        const b = VALUES[body[at + 1]!]!;
        const c = VALUES[body[at + 2]!]!;
        const d = VALUES[body[at + 3]!]!;
        if ((a | b | c | d) >= SKIP) break;
        body[out++] = (a << 2) | (b >> 4);
        body[out++] = (b << 4) | (c >> 2);
        body[out++] = (c << 6) | d;
        at += 4;
      }
      if (at >= stop) break;
      const byte = body[at]!;
      if (byte === QUOTE) return finish(at);
      const value = VALUES[byte === BACKSLASH ? escapeAt(body, at) : byte] ?? INVALID;
      if (value === INVALID) {
        const message = `Byte ${at - start} of the image is not a base64 character.`;
        throw new HebbError('invalid_argument', message);
      }
      at += byte === BACKSLASH ? escapeLength(body, at) : 1;
      if (value === SKIP) continue;
      bits = (bits << 6) | value;
      if (++count === 4) {
        body[out++] = bits >> 16;
        body[out++] = bits >> 8;
        body[out++] = bits;
        bits = 0;
        count = 0;
      }
    }
    const turn = slices.spend(at - began);
    if (turn) await turn;
  }
  return { bytes: body.subarray(start, start), end: -1 };
}
