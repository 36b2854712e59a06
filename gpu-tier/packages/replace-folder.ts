import { randomUUID } from 'node:crypto';
import { cp, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writing } from '../storage/storage-error.ts';

/**
 * Writes a folder so that nobody ever reads half of one: its files go into a folder beside it, are
 * flushed to disk, and take the old folder's place by renaming. `kept` are the names of files that
 * the new folder takes over from the old one; undefined when there is no old one. Throws `disk_full`
 * or `not_writable`, and then leaves everything as it was.
 */
export async function replaceFolder(
  target: string,
  files: ReadonlyMap<string, string | Uint8Array>,
  kept: readonly string[] | undefined,
): Promise<void> {
  await writing(target, () => replaced(target, files, kept));
}

async function replaced(
  target: string,
  files: ReadonlyMap<string, string | Uint8Array>,
  kept: readonly string[] | undefined,
): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
  try {
    await mkdir(temporary);
    for (const name of kept ?? []) {
      await cp(join(target, name), join(temporary, name), { recursive: true });
    }
    for (const [name, content] of files) await writeDurably(join(temporary, name), content);
    if (kept) await swap(temporary, target);
    else await rename(temporary, target);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** A folder cannot be renamed onto one that has files, so the old one steps aside first. */
async function swap(from: string, to: string): Promise<void> {
  const aside = `${from}.old`;
  await rename(to, aside);
  try {
    await rename(from, to);
  } catch (error) {
    await rename(aside, to);
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
}

async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}
