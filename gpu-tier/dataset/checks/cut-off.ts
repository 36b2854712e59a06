/**
 * Tells files that end too early: what an interrupted download or a full disk leaves.
 * @module
 */

const text = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.subarray(start, end)).toString('latin1');

/** Whether a JPEG, PNG, GIF, WebP, AVIF or HEIC lacks the end that its format prescribes. */
export function isCutOff(bytes: Uint8Array): boolean {
  const tail = text(bytes, Math.max(0, bytes.length - 64), bytes.length);
  const head = text(bytes, 0, 12);
  if (head.startsWith('\xff\xd8')) return !tail.includes('\xff\xd9'); // EOI
  if (head.startsWith('\x89PNG')) return !tail.includes('IEND');
  if (head.startsWith('GIF8')) return !/\x3b\0*$/.test(tail); // trailer
  if (head.startsWith('RIFF') && head.endsWith('WEBP')) {
    const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
    return bytes.length < size + 8;
  }
  if (text(bytes, 4, 8) === 'ftyp') return endsInBox(bytes);
  return false;
}

/** Whether the last box of an ISO base media file (ISO/IEC 14496-12, 4.2) goes beyond the file. */
function endsInBox(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  while (at + 16 <= bytes.length) {
    const size = view.getUint32(at);
    if (size === 0) return false; // to the end of the file, wherever that is
    at += size === 1 ? Number(view.getBigUint64(at + 8)) : Math.max(size, 8);
  }
  return at > bytes.length;
}
