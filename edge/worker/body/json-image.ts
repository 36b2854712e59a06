/**
 * Reads `{"image": base64}` in place. JSON.parse would hold the body, its text and the field at once, four
 * times the image; here the field's bytes are decoded over themselves, in slices.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { LIMITS } from '../limits.ts';
import { decodeBase64InPlace } from './base64.ts';
import { escapeAt, escapeLength } from './json-escape.ts';

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN = new Set([0x7b, 0x5b]); // { [
const CLOSE = new Set([0x7d, 0x5d]); // } ]
const COLON = 58;

/** Most characters of a data URL's prefix. */
const MOST_HEAD = 128;

/**
 * The decoded field `image` of a JSON object; undefined without one. A data URL's prefix
 * (`data:image/jpeg;base64,`) is skipped. The body is overwritten.
 */
export const jsonImage = async (
  body: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer> | undefined> => (await jsonRecord(body)).image;

export interface JsonRecord {
  readonly image?: Uint8Array<ArrayBuffer>;
  /** The object, with an empty string as its image. */
  readonly rest: Readonly<Record<string, unknown>>;
}

/** Like `jsonImage`, with the object's other fields. */
export async function jsonRecord(body: Uint8Array<ArrayBuffer>): Promise<JsonRecord> {
  const start = findImage(body);
  if (start === undefined) return { rest: readRest(body, body.length, body.length) };
  const { bytes: image, end } = await decodeBase64InPlace(body, dataUrlEnd(body, start));
  if (end < 0) throw malformed('a string is not closed');
  return { image, rest: readRest(body, start, end) };
}

/** Start of the string at the key "image" of the outermost object. */
function findImage(body: Uint8Array): number | undefined {
  // Bounded, so it is searched without a pause: only the image may be long.
  const head = body.subarray(0, LIMITS.body.jsonBytes);
  let depth = 0;
  let key = false; // after the key "image" and its colon
  let last: { start: number; end: number } | undefined;
  for (let i = 0; i < head.length; i++) {
    const byte = head[i]!;
    if (byte === QUOTE) {
      if (key) return i + 1;
      const end = stringEnd(head, i + 1);
      if (end < 0)
        throw head.length < body.length ? tooMuch() : malformed('a string is not closed');
      last = { start: i + 1, end };
      i = end;
    } else if (byte === COLON) {
      key = depth === 1 && last !== undefined && isImageKey(head, last.start, last.end);
    } else if (byte > 32) {
      key = false;
      if (OPEN.has(byte)) depth++;
      if (CLOSE.has(byte)) depth--;
    }
  }
  return undefined;
}

/** Index of the quote that closes the string whose content starts at `start`; −1 without one. */
function stringEnd(bytes: Uint8Array, start: number): number {
  for (let i = start; i < bytes.length; i++) {
    if (bytes[i] === QUOTE) return i;
    if (bytes[i] === BACKSLASH) i++;
  }
  return -1;
}

/** The key may contain escapes. */
function isImageKey(head: Uint8Array, start: number, end: number): boolean {
  const [text] = readString(head, start, end, 6);
  return text === 'image';
}

/** The first characters of a string, and the index after them. */
function readString(bytes: Uint8Array, start: number, end: number, most: number) {
  let text = '';
  let at = start;
  while (at < end && text.length < most && bytes[at] !== QUOTE) {
    const escaped = bytes[at] === BACKSLASH;
    text += String.fromCharCode(escaped ? escapeAt(bytes, at) : bytes[at]!);
    at += escaped ? escapeLength(bytes, at) : 1;
  }
  return [text, at] as const;
}

/** Parses the object with the image cut out. */
function readRest(body: Uint8Array, start: number, end: number): Record<string, unknown> {
  if (start + body.length - end > LIMITS.body.jsonBytes) throw tooMuch();
  const decoder = new TextDecoder();
  const rest = decoder.decode(body.subarray(0, start)) + decoder.decode(body.subarray(end));
  let parsed: unknown;
  try {
    parsed = JSON.parse(rest);
  } catch (cause) {
    throw malformed(cause instanceof Error ? cause.message : String(cause));
  }
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) {
    throw malformed('it is not an object');
  }
  return parsed as Record<string, unknown>;
}

/** Start of the base64 in a string that may be a data URL (RFC 2397). */
function dataUrlEnd(body: Uint8Array, start: number): number {
  const [head] = readString(body, start, body.length, MOST_HEAD);
  const url = /^data:[^,]*;base64,/i.exec(head);
  return url ? readString(body, start, body.length, url[0].length)[1] : start;
}

const SEND = 'Send {"image": "<base64>"} with Content-Type: application/json.';

const malformed = (why: string) =>
  new HebbError('invalid_argument', `The JSON cannot be read: ${why.slice(0, 200)}.`, {
    hint: SEND,
  });

const tooMuch = () =>
  new HebbError(
    'invalid_argument',
    `The JSON has more than ${LIMITS.body.jsonBytes} bytes besides the string "image".`,
    { hint: `${SEND} Leave other fields out.` },
  );
