/**
 * Streaming reader of multipart/form-data (RFC 7578): every part that has a file name or is named "image" is
 * an image.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { boundaryOf, MOST_HEADERS } from '../body/multipart.ts';
import { incomplete } from './byte-source.ts';
import { type Entry, named, type ReadContext, tooLarge } from './entry.ts';

const LINE = new TextEncoder().encode('\r\n');
const EMPTY_LINE = new TextEncoder().encode('\r\n\r\n');

export async function* readParts(
  { source, counted, most }: ReadContext,
  contentType: string,
): AsyncGenerator<Entry> {
  const text = `--${boundaryOf(contentType)}`;
  const first = new TextEncoder().encode(text);
  const delimiter = new TextEncoder().encode(`\r\n${text}`);
  const preamble = await source.within(first, MOST_HEADERS);
  if (preamble.ended || preamble.tooLong) throw malformed('the boundary is not in the body');
  for (;;) {
    await counted.count();
    // The rest of the delimiter's line: two dashes end the body.
    const rest = await source.within(LINE, MOST_HEADERS);
    if (rest.bytes?.[0] === 45 && rest.bytes[1] === 45) return;
    if (rest.ended || rest.tooLong) throw incomplete();
    const head = await source.within(EMPTY_LINE, MOST_HEADERS);
    if (head.tooLong) throw malformed('the headers of a part are too long');
    if (head.ended || !head.bytes) throw incomplete();
    const { field, file } = readDisposition(new TextDecoder().decode(head.bytes));
    const { bytes, tooLong, ended } = await source.until(delimiter, most);
    if (ended) throw incomplete();
    if (file === undefined && field !== 'image') continue;
    yield { ...named(file), ...(tooLong || !bytes ? { error: tooLarge(most) } : { image: bytes }) };
  }
}

function readDisposition(headers: string) {
  const disposition = /^content-disposition:(.*)$/im.exec(headers)?.[1] ?? '';
  const parameter = (name: string) => {
    const match = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;]+))`, 'i').exec(
      disposition,
    );
    return match?.[1] ?? match?.[2];
  };
  return { field: parameter('name'), file: parameter('filename') };
}

const malformed = (why: string) =>
  new HebbError('invalid_batch', `The multipart body cannot be read: ${why}.`);
