/**
 * Downloads the archive of one version of an npm package, verified by its sha256.
 *
 * npm knows the user's registry, its mirrors and credentials (.npmrc, npm_config_registry). It gives the URL of
 * the archive, and `download` fetches it, since npm shows no progress and cannot resume. If a plain request to
 * the URL fails (a proxy, a registry with a password), npm downloads the archive.
 * @module
 */
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HebbError } from '@hebb/model/errors';
import { download } from '@hebb/packages/download/download';
import { fileSha256 } from '@hebb/packages/download/part';
import { writing } from '@hebb/packages/storage/storage-error';
import { type Environment, runCommand } from '@hebb/tensorflow/native/command';

/** A pinned version of a package without a scope. */
export interface NpmArchive {
  readonly name: string;
  readonly version: string;
  readonly bytes: number;
  /** Of the .tgz, lower-case hex. */
  readonly sha256: string;
}

export interface NpmOptions {
  /** Folder of downloads. */
  readonly cache: string;
  /** With PATH, where npm is looked up, and npm's own settings. */
  readonly env: Environment;
  readonly fetch: typeof fetch;
  readonly onDownload?: (done: number, total: number) => void;
}

/** `name-1.2.3.tgz`, as npm calls it. */
export const fileOf = ({ name, version }: NpmArchive): string => `${name}-${version}.tgz`;

/**
 * The path of the archive in the cache, downloaded unless it is there. Throws `download_failed` or
 * `checksum_mismatch`.
 */
export async function fetchNpmArchive(archive: NpmArchive, options: NpmOptions): Promise<string> {
  const { cache, env, fetch, onDownload } = options;
  const { name, version, bytes, sha256 } = archive;
  const to = join(cache, fileOf(archive));
  const isThere = async () =>
    (await stat(to).catch(() => undefined))?.size === bytes && (await fileSha256(to)) === sha256;
  if (await isThere()) return to;
  const { stdout } = await runCommand('npm', ['view', `${name}@${version}`, 'dist.tarball'], {
    env,
  });
  const url = stdout.trim();
  if (/^https?:\/\/\S+$/.test(url)) {
    try {
      const progress = onDownload && { onProgress: onDownload };
      await download({ urls: [url], to, sha256, bytes, fetch, ...progress });
      return to;
    } catch (error) {
      if (!(error instanceof HebbError && error.code === 'download_failed')) throw error;
    }
  }
  await writing(cache, () => mkdir(cache, { recursive: true }));
  const packing = ['pack', '--silent', '--pack-destination', cache, `${name}@${version}`];
  const { code, stderr } = await runCommand('npm', packing, { env });
  if (code !== 0) {
    const why = stderr.trim().split('\n').at(-1) || `exit code ${code}`;
    throw new HebbError('download_failed', `npm cannot download ${fileOf(archive)}: ${why}`, {
      hint: `Check that npm view ${name} works here; npm uses the registry of your .npmrc.`,
    });
  }
  if (await isThere()) return to;
  throw new HebbError('checksum_mismatch', `${to} is not the published ${fileOf(archive)}.`, {
    hint: 'Delete it, and run the command again.',
  });
}
