import { open, rename, rm } from 'node:fs/promises';
import { writing } from './storage-error.ts';

/**
 * Replaces a file atomically: writes a temporary file, flushes it to disk, and renames it. After a failure the
 * old file is unchanged and the temporary file is removed. Throws `disk_full` or `not_writable`.
 * @param beside the temporary file; give it a unique name if several processes may write `file`
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
      await rm(beside, { force: true }).catch(() => {}); // the first error matters
      throw error;
    }
  });
}
