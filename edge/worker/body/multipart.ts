/**
 * Reads multipart/form-data (RFC 7578) in place: a part is a view on the body. `Request.formData()` would
 * hold a photo two or three times.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { Slices } from '../concurrency/slices.ts';
import { LIMITS } from '../limits.ts';
import { indexOf } from './index-of.ts';

const DASH = 45;
const EMPTY_LINE = new TextEncoder().encode('\r\n\r\n');

/** Most bytes of a part's headers, and of the preamble. */
export const MOST_HEADERS = 16_384;

/** The content of the first part with this field name; undefined without one. */
export async function formField(
  body: Uint8Array<ArrayBuffer>,
  contentType: string,
  field: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const slices = new Slices();
  const boundary = boundaryOf(contentType);
  // Every delimiter except the first includes the line break before it (RFC 2046, 5.1.1).
  const delimiter = new TextEncoder().encode(`\r\n--${boundary}`);
  const preamble = body.subarray(0, MOST_HEADERS);
  const atOnce = indexOf(preamble.subarray(0, delimiter.length), delimiter.subarray(2)) === 0;
  const first = atOnce ? 0 : indexOf(preamble, delimiter) + 2;
  if (!atOnce && first === 1) throw malformed('the boundary is not in the body');
  let at = first + delimiter.length - 2;
  for (let parts = 0; !(body[at] === DASH && body[at + 1] === DASH); parts++) {
    if (parts >= LIMITS.body.formParts) throw tooManyParts();
    const end = await find(body, delimiter, at, slices);
    if (end < 0) throw malformed('the closing boundary is missing');
    const part = splitPart(body.subarray(at, end));
    if (part.name === field) return part.content;
    at = end + delimiter.length;
    const turn = slices.spend(LIMITS.slice.entryBytes);
    if (turn) await turn;
  }
  return undefined;
}

/** The boundary from Content-Type. */
export function boundaryOf(contentType: string): string {
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  if (!boundary) throw malformed('Content-Type has no boundary');
  return boundary;
}

/** Headers, an empty line, the content. */
function splitPart(part: Uint8Array<ArrayBuffer>) {
  const gap = indexOf(part.subarray(0, MOST_HEADERS), EMPTY_LINE);
  if (gap < 0) throw malformed('the headers of a part have no end');
  const headers = new TextDecoder().decode(part.subarray(0, gap));
  const disposition = /^content-disposition:(.*)$/im.exec(headers)?.[1] ?? '';
  const name = /;\s*name=(?:"([^"]*)"|([^\s;]+))/i.exec(disposition);
  return { name: name?.[1] ?? name?.[2], content: part.subarray(gap + 4) };
}

/** First index of `needle` at or after `from`, or −1; in slices. */
async function find(bytes: Uint8Array, needle: Uint8Array, from: number, slices: Slices) {
  const step = LIMITS.slice.bytes;
  for (let at = from; at < bytes.length; at += step) {
    const found = indexOf(bytes.subarray(at, at + step + needle.length - 1), needle);
    const turn = slices.spend(found < 0 ? step : found);
    if (turn) await turn;
    if (found >= 0) return at + found;
  }
  return -1;
}

const malformed = (why: string) =>
  new HebbError('invalid_argument', `The multipart body cannot be read: ${why}.`, {
    hint: 'Send multipart/form-data with the file in the field "image".',
  });

const tooManyParts = () =>
  new HebbError(
    'invalid_argument',
    `A form may have ${LIMITS.body.formParts} parts; none of them is named "image".`,
    { hint: 'Send the file in the field "image", as the first part.' },
  );
