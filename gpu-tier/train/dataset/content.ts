/**
 * Content hashes of image files: they find duplicates, decide the split and identify the data set.
 * @module
 */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { HebbError } from '@hebb/model/errors';
import { fileSha256 } from '@hebb/packages/download/part';

/** Files read concurrently. */
export const READERS = 16;

/** Files up to this size, bytes, are read in one piece, which is faster than a stream. */
const ONE_PIECE = 8 * 2 ** 20;

/** sha256 of a file, lower-case hex. Throws `file_not_found` when it cannot be read. */
export async function contentHash(path: string): Promise<string> {
  try {
    if ((await stat(path)).size > ONE_PIECE) return await fileSha256(path);
    return createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  } catch (cause) {
    throw new HebbError('file_not_found', `${path} cannot be read.`, { cause });
  }
}
