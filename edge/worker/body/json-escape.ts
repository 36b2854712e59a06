/**
 * Escapes of JSON strings (RFC 8259, 7): `\/`, `\n`, `\u002B`, …
 * @module
 */

const U = 117;

const SHORT = new Map(
  Object.entries({
    '"': '"',
    '\\': '\\',
    '/': '/',
    b: '\b',
    f: '\f',
    n: '\n',
    r: '\r',
    t: '\t',
  }).map(([letter, character]) => [letter.charCodeAt(0), character.charCodeAt(0)] as const),
);

/** The UTF-16 unit that the escape at `at` stands for; −1 where it is none. */
export function escapeAt(bytes: Uint8Array, at: number): number {
  const letter = bytes[at + 1] ?? 0;
  if (letter !== U) return SHORT.get(letter) ?? -1;
  let unit = 0;
  for (let i = at + 2; i < at + 6; i++) {
    const digit = hexDigit(bytes[i] ?? 0);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

/** Bytes of the escape at `at`. */
export const escapeLength = (bytes: Uint8Array, at: number): number =>
  bytes[at + 1] === U ? 6 : 2;

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
