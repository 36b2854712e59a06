/**
 * Unpacks an archive of photographs and takes nothing else out of it.
 * @module
 */
import { createReadStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { HebbError } from '../../../shared/model/errors.ts';

export interface UnpackLimits {
  /** Files and folders that are read; more, and the archive is refused. */
  readonly entries: number;
  /** Bytes of one file. */
  readonly fileBytes: number;
  /** Bytes of everything, unpacked. */
  readonly totalBytes: number;
}

/** Several times what flower_photos holds: 3,676 entries, 0.4 MB the largest, 235 MB in all. */
const LIMITS: UnpackLimits = { entries: 20_000, fileBytes: 32e6, totalBytes: 1e9 };

const PHOTO = /\.(jpe?g|png)$/i;

/**
 * Writes `<class>/<photo>` and LICENSE.txt of a .tar.gz into `folder`; the archive's own top folder
 * is left out, and so is every other kind of file. Throws `invalid_dataset` for an archive with links,
 * devices, paths that lead elsewhere, one file twice, or more in it than `limits` allow.
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
    problem ??= refuse(`is no sound archive: ${error.message}`, error);
  });

  /** Chunk by chunk: what one completes is written before the next is read. */
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
    if (code === 'EEXIST') throw refuse('has one file twice', error);
    if (code.startsWith('Z_')) throw refuse('is no sound archive', error);
    throw error;
  }
  return photos;
}

/** Where an entry goes, nowhere, or why the archive is not to be trusted. */
function placeOf({ path, type }: ReadEntry): { path?: string } | { refused: string } {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (path.startsWith('/') || parts.includes('..') || /[\\:\0]/.test(path)) {
    return { refused: `has a path that leads elsewhere, ${JSON.stringify(path)}` };
  }
  if (type === 'Directory' || type === 'GNUDumpDir') return {};
  if (type !== 'File' && type !== 'OldFile' && type !== 'ContiguousFile') {
    return { refused: `has an entry that is no file, ${JSON.stringify(path)} (${type})` };
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
