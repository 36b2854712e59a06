/**
 * Makes folders atomically: complete or not at all.
 * @module
 */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { HebbError } from '@hebb/model/errors';
import { storageError, writing } from '@hebb/packages/storage/storage-error';

/**
 * Fills a folder beside `dir`, then renames it. Throws `invalid_argument` when `dir` exists and is not
 * empty.
 */
export async function newFolder(
  dir: string,
  fill: (folder: string) => Promise<void>,
): Promise<void> {
  await mustBeNew(dir);
  const unfinished = `${dir}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await writing(dir, () => mkdir(unfinished, { recursive: true }));
  try {
    await fill(unfinished);
    await rm(dir, { recursive: true, force: true }); // empty at most
    await rename(unfinished, dir);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw storageError(error, dir) ?? error;
  }
}

/** Throws `invalid_argument` when `dir` is a file or a folder that is not empty. */
export async function mustBeNew(dir: string): Promise<void> {
  const entries = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new HebbError('invalid_argument', `${dir} is not a folder.`, { cause: error });
  });
  if (entries.length === 0) return;
  throw new HebbError('invalid_argument', `${dir} already exists and is not empty.`, {
    hint: 'Name another folder, or remove that one first.',
  });
}
