/**
 * Downloads an archive of photographs and makes a data set of it.
 * @module
 */
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { download } from '@hebb/packages/download/download';
import { mustBeNew, newFolder } from '../new-folder.ts';
import type { PhotoArchive } from './archive.ts';
import { type Arranged, type ArrangeOptions, arrange } from './arrange.ts';
import { unpackPhotos } from './unpack.ts';

export interface FlowersOptions extends ArrangeOptions {
  readonly archive: PhotoArchive;
  /** Folder of downloads. */
  readonly cache: string;
  readonly fetch: typeof fetch;
  readonly onDownload?: (done: number, total: number) => void;
}

/** Downloads the archive unless it is cached, and writes the data set to `dir`, which must be new or empty. */
export async function makeFlowers(dir: string, options: FlowersOptions): Promise<Arranged> {
  const { archive, cache, fetch, onDownload, ...rest } = options;
  await mustBeNew(dir); // before a long download
  const file = join(cache, archive.file);
  const { urls, sha256, bytes } = archive;
  await download({
    urls,
    to: file,
    sha256,
    bytes,
    fetch,
    ...(onDownload && { onProgress: onDownload }),
  });
  let arranged: Arranged | undefined;
  await newFolder(dir, async (folder) => {
    const unpacked = join(folder, '.unpacked');
    await unpackPhotos(file, unpacked);
    arranged = await arrange(unpacked, folder, rest);
    await copyFile(join(unpacked, 'LICENSE.txt'), join(folder, 'LICENSE.txt')).catch(() => {});
    await rm(unpacked, { recursive: true });
  });
  return arranged!;
}
