/**
 * Publishes a package: first the weights, then the manifest, then the pointer. An interruption before the
 * last step leaves the live model unchanged, and a second run continues where the first one stopped.
 * @module
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type FileDigest,
  HebbError,
  PACKAGE_FILES,
  type Release,
  releasePrefix,
} from '@hebb/model';
import type { PackageFolder } from '@hebb/packages/folder';
import { checkPublishable } from './check.ts';
import { readReleases, withRelease, writeReleases } from './releases.ts';
import type { PublishStore, StoredFile } from './store.ts';

export interface PublishOptions {
  readonly store: PublishStore;
  /** The edge's kernels, compiled; the package must run on them. */
  readonly kernels: WebAssembly.Module;
  readonly date: () => Date;
  /** Called with the bytes stored so far and the bytes of the whole package. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Publication {
  readonly release: Release;
  /** The release that was current before; null for the built-in model. */
  readonly previous: Release | null;
  /** False when this package was already current. */
  readonly moved: boolean;
  /** Keys of the objects that were stored. */
  readonly uploaded: readonly string[];
  /** Keys of the objects that were already there. */
  readonly skipped: readonly string[];
  /** Bytes of all objects. */
  readonly bytes: number;
}

interface Item extends StoredFile {
  readonly key: string;
  readonly digest: FileDigest;
}

/** Throws `not_quantized`, `model_too_large`, `invalid_package`, `not_logged_in`, `publish_failed`. */
export async function publishPackage(
  folder: PackageFolder,
  options: PublishOptions,
): Promise<Publication> {
  const { store, kernels, date, onProgress = () => {} } = options;
  await checkPublishable(folder, kernels);
  const { name, version } = folder.manifest;
  const prefix = releasePrefix(folder.manifest);
  const items = await itemsOf(folder, prefix);
  const bytes = items.reduce((sum, item) => sum + item.bytes, 0);
  const uploaded: string[] = [];
  let done = 0;
  for (const item of items) {
    const stored = await upload(store, item, (part) => onProgress(done + part, bytes));
    if (stored) uploaded.push(item.key);
    done += item.bytes;
    onProgress(done, bytes);
  }

  const releases = await readReleases(store);
  const release: Release = { name, version, prefix, publishedAt: date().toISOString() };
  const moved = releases.current?.prefix !== prefix;
  // After a repair of the current package the pointer is written again, so that Workers which refused it retry.
  if (moved || uploaded.length > 0) {
    await writeReleases(store, releases, withRelease(releases, release));
  }
  return {
    release,
    previous: moved ? releases.current : (releases.before[0] ?? null),
    moved,
    uploaded,
    skipped: items.map(({ key }) => key).filter((key) => !uploaded.includes(key)),
    bytes,
  };
}

/** The objects of a package in the order of upload: the manifest comes last, since it names the others. */
async function itemsOf({ dir, manifest }: PackageFolder, prefix: string): Promise<Item[]> {
  const item = (file: string, digest: FileDigest, contentType: string): Item => ({
    key: `${prefix}/${file}`,
    path: join(dir, file),
    bytes: digest.bytes,
    digest,
    contentType,
  });
  const weights = [PACKAGE_FILES.f32, PACKAGE_FILES.int8].flatMap((file) => {
    const digest = manifest.files[file];
    return digest ? [item(file, digest, 'application/octet-stream')] : [];
  });
  const head = await readFile(join(dir, PACKAGE_FILES.manifest));
  const sha256 = createHash('sha256').update(head).digest('hex');
  const digest = { bytes: head.length, sha256 };
  return [...weights, item(PACKAGE_FILES.manifest, digest, 'application/json')];
}

/** Stores an object and reads it back. Returns false when it was already there. */
async function upload(
  store: PublishStore,
  item: Item,
  onBytes: (done: number) => void,
): Promise<boolean> {
  const { key, digest } = item;
  if (same(await store.digest(key), digest)) return false;
  await store.put(key, item, onBytes);
  if (same(await store.digest(key), digest)) return true;
  throw new HebbError('publish_failed', `${key}, read back, is not what was sent.`);
}

const same = (a: FileDigest | undefined, b: FileDigest): boolean =>
  a?.sha256 === b.sha256 && a.bytes === b.bytes;
