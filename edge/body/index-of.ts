/** First index of `needle` at or after `from`, or −1. */
export function indexOf(bytes: Uint8Array, needle: Uint8Array, from = 0): number {
  const first = needle[0]!;
  let at = bytes.indexOf(first, Math.max(0, from));
  while (at >= 0 && at + needle.length <= bytes.length) {
    let i = 1;
    while (i < needle.length && bytes[at + i] === needle[i]) i++;
    if (i === needle.length) return at;
    at = bytes.indexOf(first, at + 1);
  }
  return -1;
}
