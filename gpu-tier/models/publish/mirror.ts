/**
 * Downloads published packages for the GPU tier from a mirror: a custom domain of the R2 bucket, or the
 * door of `npm start`.
 * @module
 */
import { join } from 'node:path';
import {
  contentVersion,
  HebbError,
  MAX_MANIFEST_BYTES,
  PACKAGE_FILES,
  parseManifest,
  releasePrefix,
} from '@hebb/model';
import { download } from '@hebb/packages/download/download';
import { readPackage } from '@hebb/packages/folder';
import { replaceFile } from '@hebb/packages/storage/write-file';
import { knock } from './door/knock.ts';
import type { EdgeModel } from './edge.ts';

export interface Mirror {
  /** Base URL, to which `/models/<name>/<version>/…` is appended: https://models.example.com */
  readonly url: string;
  /** Sent as `Authorization: Bearer …`. */
  readonly token?: string;
  readonly fetch: typeof fetch;
}

const MANIFEST_TIMEOUT_MS = 30_000;

/**
 * Downloads the full-precision part of a published package to `<cache>/<name>/<version>`, unless it is
 * already there, and returns that folder. The files are checked against the version, which is a digest
 * of the content. Throws `download_failed`, `checksum_mismatch`, `invalid_package`.
 */
export async function fromMirror(mirror: Mirror, model: EdgeModel, cache: string): Promise<string> {
  const { name, version } = model;
  const dir = join(cache, name, version);
  if (await readPackage(dir).catch(() => undefined)) return dir;
  const base = `${mirror.url.replace(/\/$/, '')}/${releasePrefix(model)}`;
  const fetcher: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    if (mirror.token) headers.set('Authorization', `Bearer ${mirror.token}`);
    return mirror.fetch(input, { ...init, headers });
  };
  const json = await readText(`${base}/${PACKAGE_FILES.manifest}`, fetcher);
  const manifest = parseManifest(json);
  if (manifest.name !== name || (await contentVersion(manifest)) !== version) {
    throw new HebbError('invalid_package', `The manifest at ${base} belongs to another package.`);
  }
  const digest = manifest.files[PACKAGE_FILES.f32];
  if (!digest) {
    throw new HebbError('invalid_package', `${name} was published without float32 weights.`, {
      hint: 'The GPU tier computes in full precision: publish a package that has them.',
    });
  }
  const urls = [`${base}/${PACKAGE_FILES.f32}`];
  await download({ urls, to: join(dir, PACKAGE_FILES.f32), ...digest, fetch: fetcher });
  // Last and atomically: a folder with a manifest counts as a complete package.
  const file = join(dir, PACKAGE_FILES.manifest);
  await replaceFile(file, json, join(dir, `.${PACKAGE_FILES.manifest}.${process.pid}`));
  return dir;
}

async function readText(url: string, fetcher: typeof fetch): Promise<string> {
  try {
    const response = await fetcher(url, { signal: AbortSignal.timeout(MANIFEST_TIMEOUT_MS) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const length = Number(response.headers.get('content-length') ?? 0);
    if (length > MAX_MANIFEST_BYTES) throw new Error(`${length} bytes`);
    return await response.text();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HebbError('download_failed', `${url} cannot be read: ${reason}.`, {
      hint: 'Check --mirror, and HEBB_MIRROR_TOKEN if the mirror needs one.',
      cause,
    });
  }
}

const origin = (url: string): string => new URL(url).origin.replace('127.0.0.1', 'localhost');

/** The door of the `npm start` that runs the Worker at `edge`; undefined when no local one does. */
export async function doorMirror(
  state: string,
  edge: string,
  fetcher: typeof fetch,
): Promise<Mirror | undefined> {
  const door = await knock(state, fetcher);
  if (!door || origin(door.file.edge) !== origin(edge)) return undefined;
  const { url } = door.file;
  const throughDoor = (address: string, init?: RequestInit) =>
    door.call(address.slice(url.length), init);
  return {
    url: `${url}/objects`,
    fetch: (input, init) => throughDoor(String(input), withPlainHeaders(init)),
  };
}

/** With headers as a plain object, to which `call` adds its own. */
const withPlainHeaders = (init: RequestInit = {}): RequestInit => ({
  ...init,
  headers: Object.fromEntries(new Headers(init.headers)),
});
