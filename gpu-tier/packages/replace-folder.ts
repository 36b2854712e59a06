import { randomUUID } from 'node:crypto';
import { cp, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writing } from './storage/storage-error.ts';

/**
 * Replaces a folder atomically: writes the files into a temporary folder, flushes them to disk, and renames it.
 * Throws `disk_full` or `not_writable`; the old folder is then unchanged.
 * @param kept names of files to copy from the old folder; undefined when there is none
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

/** A folder cannot be renamed onto a non-empty one, so the old one is renamed first. */
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
