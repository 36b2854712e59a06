/**
 * Unpacks the photographs of an untrusted archive, and nothing else.
 * @module
 */
import { createReadStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { HebbError } from '@hebb/model/errors';
import { Parser, type ReadEntry } from 'tar';

export interface UnpackLimits {
  /** Largest number of files and folders. */
  readonly entries: number;
  /** Largest file, bytes. */
  readonly fileBytes: number;
  /** Largest size of the unpacked archive, bytes. */
  readonly totalBytes: number;
}

/** Several times the size of flower_photos: 3,676 entries, largest 0.4 MB, 235 MB in total. */
const LIMITS: UnpackLimits = { entries: 20_000, fileBytes: 32e6, totalBytes: 1e9 };

const PHOTO = /\.(jpe?g|png)$/i;

/**
 * Writes `<class>/<photo>` and LICENSE.txt of a .tar.gz into `folder`, without the archive's top folder;
 * other files are skipped. Throws `invalid_dataset` for an archive with links, devices, paths that lead
 * out of the folder, duplicate files, or more content than `limits` allow.
 * @returns the number of photographs
 */
export async function unpackPhotos(
  archive: string,
  folder: string,
  limits: UnpackLimits = LIMITS,
): Promise<number> {
  const name = basename(archive);
  const refuse = (message: string, cause?: unknown) =>
    new HebbError('invalid_dataset', `${name} ${message}.`, {
      hint: 'Do not use this archive.',
      cause,
    });
  let problem: HebbError | undefined;
  let [entries, photos, bytes] = [0, 0, 0];
  let writes: Promise<void>[] = [];

  const take = (entry: ReadEntry) => {
    const place = placeOf(entry);
    if (++entries > limits.entries) problem ??= refuse(`has more than ${limits.entries} entries`);
    if ('refused' in place) problem ??= refuse(place.refused);
    if (entry.size > limits.fileBytes) {
      problem ??= refuse(`has a file of ${entry.size} bytes, ${entry.path}`);
    }
    if (problem || 'refused' in place || !place.path) return void entry.resume();
    if (PHOTO.test(place.path)) photos++;
    const path = join(folder, place.path);
    const chunks: Buffer[] = [];
    entry.on('data', (chunk: Buffer) => chunks.push(chunk));
    entry.on('end', () => writes.push(writeNew(path, Buffer.concat(chunks))));
  };
  const parser = new Parser({ strict: true, onReadEntry: take });
  parser.on('error', (error: Error) => {
    problem ??= refuse(`is not a valid archive: ${error.message}`, error);
  });

  /** Files that a chunk completes are written before the next chunk is read. */
  const consume = async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > limits.totalBytes) {
        problem ??= refuse(`unpacks to more than ${limits.totalBytes} bytes`);
      }
      if (!problem) parser.write(chunk);
      await settle();
    }
    parser.end();
    await settle();
  };
  const settle = async () => {
    if (problem) throw problem;
    const open = writes;
    writes = [];
    await Promise.all(open);
  };
  await mkdir(folder, { recursive: true });
  try {
    await pipeline(createReadStream(archive), createGunzip(), consume);
  } catch (error) {
    if (error instanceof HebbError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'EEXIST') throw refuse('has a duplicate file', error);
    if (code.startsWith('Z_')) throw refuse('is not a valid archive', error);
    throw error;
  }
  return photos;
}

/** The path of an entry, none for a skipped entry, or the reason to refuse the archive. */
function placeOf({ path, type }: ReadEntry): { path?: string } | { refused: string } {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (path.startsWith('/') || parts.includes('..') || /[\\:\0]/.test(path)) {
    return { refused: `has a path that leads elsewhere, ${JSON.stringify(path)}` };
  }
  if (type === 'Directory' || type === 'GNUDumpDir') return {};
  if (type !== 'File' && type !== 'OldFile' && type !== 'ContiguousFile') {
    return { refused: `has an entry that is not a file, ${JSON.stringify(path)} (${type})` };
  }
  const [, ...inside] = parts;
  if (inside.some((part) => part.startsWith('.'))) return {};
  if (inside.length === 1 && inside[0] === 'LICENSE.txt') return { path: inside[0] };
  if (inside.length === 2 && PHOTO.test(inside[1]!)) return { path: inside.join('/') };
  return {};
}

async function writeNew(path: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content, { flag: 'wx' });
}
