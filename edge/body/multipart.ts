/**
 * multipart/form-data (RFC 7578), read where it lies: a part is a view on the body, not a copy.
 * (`Request.formData()` would hold a photo two or three times.)
 * @module
 */
import { HebbError } from '../../shared/model/errors.ts';

const CR = 13;
const LF = 10;
const DASH = 45;

/** The content of the first part whose field name is `field`; undefined where there is none. */
export function formField(
  body: Uint8Array<ArrayBuffer>,
  contentType: string,
  field: string,
): Uint8Array<ArrayBuffer> | undefined {
  const boundary = boundaryOf(contentType);
  // Every delimiter but the first follows a line break, which belongs to it (RFC 2046, 5.1.1).
  const delimiter = new TextEncoder().encode(`\r\n--${boundary}`);
  let start = find(body, delimiter.subarray(2), 0);
  if (start > 0) start = find(body, delimiter, 0) + 2;
  if (start < 0 || start === 1) throw malformed('the boundary is not in the body');
  let at = start + delimiter.length - 2;
  while (!(body[at] === DASH && body[at + 1] === DASH)) {
    const end = find(body, delimiter, at);
    if (end < 0) throw malformed('the closing boundary is missing');
    const part = splitPart(body.subarray(at, end));
    if (part.name === field) return part.content;
    at = end + delimiter.length;
  }
  return undefined;
}

/** The boundary that Content-Type names. */
export function boundaryOf(contentType: string): string {
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  if (!boundary) throw malformed('Content-Type names no boundary');
  return boundary;
}

/** Headers, an empty line, the content. */
function splitPart(part: Uint8Array<ArrayBuffer>) {
  const gap = find(part, Uint8Array.of(CR, LF, CR, LF), 0);
  if (gap < 0) throw malformed('a part has no end of its headers');
  const headers = new TextDecoder().decode(part.subarray(0, gap));
  const disposition = /^content-disposition:(.*)$/im.exec(headers)?.[1] ?? '';
  const name = /;\s*name=(?:"([^"]*)"|([^\s;]+))/i.exec(disposition);
  return { name: name?.[1] ?? name?.[2], content: part.subarray(gap + 4) };
}

/** First index of `needle` in `bytes` at or after `from`, or −1. */
function find(bytes: Uint8Array, needle: Uint8Array, from: number): number {
  const first = needle[0]!;
  let at = bytes.indexOf(first, from);
  while (at >= 0 && at + needle.length <= bytes.length) {
    if (needle.every((byte, i) => bytes[at + i] === byte)) return at;
    at = bytes.indexOf(first, at + 1);
  }
  return -1;
}

const malformed = (why: string) =>
  new HebbError('invalid_argument', `The multipart body cannot be read: ${why}.`, {
    hint: 'Send multipart/form-data with the file in the field "image".',
  });
