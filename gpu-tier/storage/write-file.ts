import { open, rename, rm } from 'node:fs/promises';
import { writing } from './storage-error.ts';

/**
 * Writes a file beside the old one, flushes it and puts it in its place: there is always a whole one,
 * the old or the new. Where it cannot be written, nothing of it is left. Throws `disk_full` or
 * `not_writable`.
 * @param beside where it is written first; a name of its own where several processes may do this
 */
export async function replaceFile(
  file: string,
  content: string | Uint8Array,
  beside = `${file}.new`,
): Promise<void> {
  await writing(file, async () => {
    try {
      const handle = await open(beside, 'w');
      try {
        await handle.writeFile(content);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(beside, file);
    } catch (error) {
      await rm(beside, { force: true }).catch(() => {}); // the first error is the one to tell
      throw error;
    }
  });
}
