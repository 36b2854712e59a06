import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HebbError } from '@hebb/model/errors';
import { download } from '@hebb/packages/download/download';
import { fileSha256 } from '@hebb/packages/download/part';
import { downloadWithPip, localPath, locateWheel, type PipOptions } from './pip.ts';
import type { Wheel } from './wheels.ts';

export interface FetchWheelOptions extends PipOptions {
  /** Folder for downloads until they are unpacked; incomplete ones are resumed. */
  readonly folder: string;
  readonly fetch: typeof fetch;
  /** Called with the bytes of this wheel received so far. */
  readonly onProgress?: (done: number) => void;
}

/**
 * Downloads a wheel, verifies its digest, and returns its path.
 *
 * pip gives the URL of the wheel, and this function downloads it, since pip cannot resume downloads (before 25.1) and
 * shows no progress through a pipe. If a plain request to the URL fails (a proxy, an index with a password), pip
 * downloads the wheel.
 *
 * Throws `download_failed` or `checksum_mismatch`.
 */
export async function fetchWheel(wheel: Wheel, options: FetchWheelOptions): Promise<string> {
  const to = join(options.folder, wheel.file);
  if (await isThere(to, wheel)) return to;
  const url = await locateWheel(wheel, options);
  const local = url && localPath(url);
  if (local) {
    await verify(local, wheel);
    return local;
  }
  if (url && (await downloaded(url, to, wheel, options))) return to;
  await downloadWithPip(wheel, options.folder, options);
  await verify(to, wheel);
  return to;
}

async function downloaded(
  url: URL,
  to: string,
  { bytes, sha256 }: Wheel,
  { fetch, onProgress }: FetchWheelOptions,
): Promise<boolean> {
  const report = onProgress && { onProgress: (done: number) => onProgress(done) };
  try {
    await download({ urls: [url.href], to, sha256, bytes, fetch, ...report });
    return true;
  } catch (error) {
    if (error instanceof HebbError && error.code === 'download_failed') return false;
    throw error;
  }
}

async function isThere(path: string, { bytes, sha256 }: Wheel): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.size === bytes && (await fileSha256(path)) === sha256;
}

async function verify(path: string, wheel: Wheel): Promise<void> {
  if (await isThere(path, wheel)) return;
  throw new HebbError('checksum_mismatch', `${path} is not the ${wheel.file} of PyPI.`, {
    hint: 'Delete it, and run the command again.',
  });
}
