/**
 * Streaming reader of tar archives (POSIX.1-2001: ustar and pax; GNU's long names).
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { incomplete } from './byte-source.ts';
import { type Entry, isClutter, named, type ReadContext, tooLarge } from './entry.ts';

const BLOCK = 512;
const MOST_NAME = 65_536;

export async function* readTar({ source, counted, most }: ReadContext): AsyncGenerator<Entry> {
  let name: string | undefined;
  for (;;) {
    const header = await source.take(BLOCK);
    if (!header) return;
    await counted.count();
    if (header.every((byte) => byte === 0)) continue; // two zero blocks end an archive
    const { size, type, path } = readHeader(header);
    const padding = (BLOCK - (size % BLOCK)) % BLOCK;
    if (type === 'x' || type === 'L') {
      if (size > MOST_NAME) throw malformed(`a file name has ${size} bytes`);
      const content = await source.take(size);
      if (!content) throw incomplete();
      const text = new TextDecoder().decode(content);
      name = type === 'L' ? text.replace(/\0.*$/s, '') : (paxPath(text) ?? name);
      await source.skip(padding);
      continue;
    }
    const full = name ?? path;
    name = undefined;
    const isFile = type === '0' || type === '\0' || type === '7';
    if (!isFile || isClutter(full)) {
      await source.skip(size + padding);
    } else if (size > most) {
      await source.skip(size + padding);
      yield { ...named(full), error: tooLarge(most) };
    } else {
      const image = size === 0 ? new Uint8Array(0) : await source.take(size);
      if (!image) throw incomplete();
      await source.skip(padding);
      yield { ...named(full), image };
    }
  }
}

function readHeader(header: Uint8Array) {
  const text = (at: number, length: number) =>
    new TextDecoder().decode(header.subarray(at, at + length)).replace(/\0.*$/s, '');
  // The sum of all bytes, with spaces in place of the checksum itself.
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
  if (Number.parseInt(text(148, 8).trim(), 8) !== sum)
    throw malformed('the checksum of a header is wrong');
  const prefix = text(257, 5) === 'ustar' ? text(345, 155) : '';
  const path = text(0, 100);
  return {
    size: readSize(header),
    type: String.fromCharCode(header[156]!),
    path: prefix === '' ? path : `${prefix}/${path}`,
  };
}

/** Octal digits, or, with the top bit set, a big-endian number. */
function readSize(header: Uint8Array): number {
  const field = header.subarray(124, 136);
  const size =
    field[0]! & 0x80
      ? field.subarray(1).reduce((value, byte) => value * 256 + byte, 0)
      : Number.parseInt(new TextDecoder().decode(field).replace(/\0.*$/s, '').trim() || '0', 8);
  if (Number.isSafeInteger(size) && size >= 0) return size;
  throw malformed('the size of a file is not a number');
}

/** The record "path" of a pax header: `LENGTH path=NAME ⏎`. */
const paxPath = (records: string): string | undefined =>
  /(?:^|\n)\d+ path=([^\n]*)\n/.exec(records)?.[1];

const malformed = (why: string) =>
  new HebbError('invalid_batch', `The tar archive cannot be read: ${why}.`);
