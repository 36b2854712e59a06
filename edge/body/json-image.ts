/**
 * `{"image": base64}` read where it lies. JSON.parse would hold the body, its text and the field
 * at once, four times the image; here the field's bytes are decoded over themselves.
 * @module
 */
import { HebbError } from '../../shared/model/errors.ts';
import { decodeBase64InPlace } from './base64.ts';

const QUOTE = 34;
const BACKSLASH = 92;
const SLASH = 47;
const OPEN = new Set([0x7b, 0x5b]); // { [
const CLOSE = new Set([0x7d, 0x5d]); // } ]
const COLON = 58;

/**
 * The decoded field `image` of a JSON object; undefined where there is none. A data URL's head
 * (`data:image/jpeg;base64,`) is skipped. The body is destroyed.
 */
export const jsonImage = (body: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined =>
  jsonRecord(body).image;

export interface JsonRecord {
  readonly image?: Uint8Array<ArrayBuffer>;
  /** The object; its image is an empty string. */
  readonly rest: Readonly<Record<string, unknown>>;
}

/** The same, with the object's other fields. */
export function jsonRecord(body: Uint8Array<ArrayBuffer>): JsonRecord {
  const value = findImage(body);
  const rest = readRest(body, value);
  if (!value) return { rest };
  const text = unescapeText(body.subarray(value.start, value.end));
  return { image: decodeBase64InPlace(text.subarray(dataUrlHead(text))), rest };
}

interface Span {
  /** Of a string's content, between its quotes. */
  readonly start: number;
  readonly end: number;
}

/** The string value of the outermost object's key "image". */
function findImage(body: Uint8Array): Span | undefined {
  let depth = 0;
  let key = false; // the last string was the key "image" and its colon has come
  let last: Span | undefined;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i]!;
    if (byte === QUOTE) {
      const span = { start: i + 1, end: stringEnd(body, i + 1) };
      if (key) return span;
      last = span;
      i = span.end;
    } else if (byte === COLON) {
      key = depth === 1 && last !== undefined && textOf(body, last) === 'image';
    } else if (byte > 32) {
      key = false;
      if (OPEN.has(byte)) depth++;
      if (CLOSE.has(byte)) depth--;
    }
  }
  return undefined;
}

/** Index of the quote that closes the string whose content starts at `start`. */
function stringEnd(body: Uint8Array, start: number): number {
  let end = body.indexOf(QUOTE, start);
  while (end >= 0 && isEscaped(body, start, end)) end = body.indexOf(QUOTE, end + 1);
  if (end < 0) throw malformed('a string has no end');
  return end;
}

function isEscaped(body: Uint8Array, start: number, at: number): boolean {
  let backslashes = 0;
  while (at - 1 - backslashes >= start && body[at - 1 - backslashes] === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}

const textOf = (body: Uint8Array, { start, end }: Span): string =>
  end - start > 64 ? '' : new TextDecoder().decode(body.subarray(start, end));

/** Everything but the image must be JSON, and an object; with the image cut out it is small. */
function readRest(body: Uint8Array, value: Span | undefined): Record<string, unknown> {
  const decoder = new TextDecoder();
  const { start, end } = value ?? { start: body.length, end: body.length };
  const rest = decoder.decode(body.subarray(0, start)) + decoder.decode(body.subarray(end));
  let parsed: unknown;
  try {
    parsed = JSON.parse(rest);
  } catch (cause) {
    throw malformed(cause instanceof Error ? cause.message : String(cause));
  }
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) {
    throw malformed('it is no object');
  }
  return parsed as Record<string, unknown>;
}

/** Of the escapes of JSON only `\/` and line breaks occur in base64. Destroys `text`. */
function unescapeText(text: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  let out = text.indexOf(BACKSLASH);
  if (out < 0) return text;
  for (let i = out; i < text.length; i++) {
    if (text[i] !== BACKSLASH) text[out++] = text[i]!;
    else if (text[++i] === SLASH) text[out++] = SLASH; // `\n`, `\r` fall away
  }
  return text.subarray(0, out);
}

function dataUrlHead(text: Uint8Array): number {
  const head = new TextDecoder().decode(text.subarray(0, 128));
  return /^data:[^,]*;base64,/.exec(head)?.[0].length ?? 0;
}

const malformed = (why: string) =>
  new HebbError('invalid_argument', `The JSON body cannot be read: ${why}.`, {
    hint: 'Send {"image": "<base64>"} with Content-Type: application/json.',
  });
