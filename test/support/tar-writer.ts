/**
 * Writes tar archives (POSIX ustar) entry by entry, valid or malformed.
 * @module
 */
import { gzipSync } from 'node:zlib';

export interface TarEntry {
  readonly path: string;
  readonly content?: Uint8Array;
  /** '0' a file, '1' a hard link, '2' a symbolic link, '3' a device, '5' a folder. */
  readonly type?: '0' | '1' | '2' | '3' | '5';
  readonly linkTo?: string;
  /** Size in the header, if it differs from the content's length. */
  readonly size?: number;
}

const BLOCK = 512;

export function tar(entries: readonly TarEntry[]): Buffer {
  const parts = entries.flatMap((entry) => {
    const content = entry.content ?? new Uint8Array();
    const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
    return [header(entry, content.length), content, padding];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

export const tarGz = (entries: readonly TarEntry[]): Buffer => gzipSync(tar(entries));

function header({ path, type = '0', linkTo = '', size }: TarEntry, length: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  block.write(path, 0, 100, 'utf8');
  block.write(octal(0o644, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size ?? length, 11), 124);
  block.write(octal(0, 11), 136);
  block.write('        ', 148); // for the checksum, its own field counts as spaces
  block.write(type, 156);
  block.write(linkTo, 157, 100, 'utf8');
  block.write('ustar\x0000', 257);
  const sum = block.reduce((a, b) => a + b, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
