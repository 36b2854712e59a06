import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { replaceFile } from '@hebb/packages/storage/write-file';

/** Writes a file atomically, and creates its folder. Throws `disk_full` or `not_writable`. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await replaceFile(path, bytes, join(dirname(path), `.${basename(path)}.${randomUUID()}`));
}
