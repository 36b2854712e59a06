/**
 * NDJSON: a line for each image, `{"image": base64}` or `{"url": "https://…"}`, optionally with a
 * `"name"`.
 * @module
 */

import { HebbError } from '@hebb/model/errors';
import { imageLine, type UrlLine } from '@hebb/protocol/api/bodies';
import { jsonRecord } from '../body/json-image.ts';
import { LIMITS } from '../limits.ts';
import type { FetchImage } from '../urls/fetch-image.ts';
import { type Entry, named, type ReadContext, tooLarge } from './entry.ts';

const NEWLINE = Uint8Array.of(10);
/** How much longer escapes make base64: two of its 64 characters may be written as six (`\u002B`). */
const ESCAPES = 1.2;

export async function* readLines(
  { source, counted, most }: ReadContext,
  fetchImage: FetchImage | undefined,
  signal: AbortSignal,
): AsyncGenerator<Entry> {
  const mostLine = Math.ceil(((most * 4) / 3) * ESCAPES) + LIMITS.body.jsonBytes;
  for (;;) {
    await counted.count();
    const { bytes, tooLong, ended } = await source.until(NEWLINE, mostLine);
    if (tooLong) yield { error: tooLarge(most) };
    else if (bytes && !isBlank(bytes)) yield await readLine(bytes, most, fetchImage, signal);
    if (ended) return;
  }
}

async function readLine(
  line: Uint8Array<ArrayBuffer>,
  most: number,
  fetchImage: FetchImage | undefined,
  signal: AbortSignal,
): Promise<Entry> {
  let name: string | undefined;
  try {
    const { image, rest } = await jsonRecord(line);
    name = typeof rest.name === 'string' ? rest.name : undefined;
    const { success, data } = imageLine.safeParse(rest);
    if (!success) throw missing();
    if (image && image.length > most) throw tooLarge(most);
    if (image) return { ...named(name), image: compact(image) };
    const { url } = data as UrlLine;
    name ??= url;
    if (!fetchImage) throw new HebbError('url_refused', 'Images are not fetched from URLs here.');
    const fetched = await fetchImage(url, { signal });
    return { name, ...(fetched.length > most ? { error: tooLarge(most) } : { image: fetched }) };
  } catch (error) {
    if (!(error instanceof HebbError)) throw error;
    return { ...named(name), error };
  }
}

/** Shrinks the line's buffer to the decoded image, which is a quarter smaller. */
function compact(image: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const { length, byteOffset, buffer } = image;
  new Uint8Array(buffer).copyWithin(0, byteOffset, byteOffset + length);
  return new Uint8Array(buffer.transfer(length));
}

/** Longer blank lines are reported as invalid JSON. */
const isBlank = (line: Uint8Array): boolean =>
  line.length <= LIMITS.body.jsonBytes && line.every((byte) => byte <= 32);

const missing = () =>
  new HebbError(
    'missing_image',
    'The line has neither "image" nor "url", or its "name" is not a string.',
    { hint: 'Send {"image": "<base64>"} or {"url": "https://…"} in each line.' },
  );
