/** Bytes that are searched here before calling the runtime's search, which has a fixed cost. */
const NEAR = 32;

/** First index of `needle` at or after `from`, or −1. */
export function indexOf(bytes: Uint8Array, needle: Uint8Array, from = 0): number {
  const first = needle[0]!;
  const last = bytes.length - needle.length;
  let at = bytes.indexOf(first, Math.max(0, from));
  while (at >= 0 && at <= last) {
    let i = 1;
    while (i < needle.length && bytes[at + i] === needle[i]) i++;
    if (i === needle.length) return at;
    // The first byte may be frequent, as in a body of nothing else.
    const near = Math.min(last, at + NEAR);
    do at++;
    while (at <= near && bytes[at] !== first);
    if (at > near) at = bytes.indexOf(first, at);
  }
  return -1;
}
