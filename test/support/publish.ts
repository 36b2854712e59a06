/**
 * Publishes in tests with the real publisher, through the real door, to the R2 and KV of a running Worker.
 * @module
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_FILES, releasePrefix } from '@hebb/model';
import { knock } from '@hebb/models/publish/door/knock';
import { type DoorBucket, type DoorRegistry, openDoor } from '@hebb/models/publish/door/server';
import { doorStores } from '@hebb/models/publish/door/store';
import { type Publication, publishPackage } from '@hebb/models/publish/publish';
import {
  readReleases,
  withoutRelease,
  withRelease,
  writeReleases,
} from '@hebb/models/publish/releases';
import type { PublishStore } from '@hebb/models/publish/store';
import { readPackage } from '@hebb/packages/folder';
import { loadKernels } from '@hebb/train/quantize/kernels';
import type { TestPackage } from './package-folder.ts';
import type { TestWorker } from './worker.ts';

/** Runs `work` with the store behind the Worker's door. */
export async function throughDoor<T>(
  { miniflare, url }: TestWorker,
  work: (store: PublishStore) => Promise<T>,
): Promise<T> {
  const state = await mkdtemp(join(tmpdir(), 'hebb-door-'));
  const door = await openDoor({
    state,
    edge: url.origin,
    bucket: (await miniflare.getR2Bucket('MODELS')) as unknown as DoorBucket,
    registry: (await miniflare.getKVNamespace('REGISTRY')) as unknown as DoorRegistry,
  });
  try {
    return await work(await doorStores((await knock(state, fetch))!).models());
  } finally {
    await door.close();
    await rm(state, { recursive: true, force: true });
  }
}

/** `hebb publish` without the command line. */
export async function publish(worker: TestWorker, { dir }: TestPackage): Promise<Publication> {
  const folder = await readPackage(dir);
  const kernels = await loadKernels();
  return await throughDoor(worker, (store) =>
    publishPackage(folder, { store, kernels, date: () => new Date() }),
  );
}

/** Makes a package live without any check, to simulate a fault elsewhere. */
export async function publishUnchecked(
  worker: TestWorker,
  { dir, manifest }: TestPackage,
): Promise<void> {
  const { name, version, files } = manifest;
  const prefix = releasePrefix(manifest);
  await throughDoor(worker, async (store) => {
    for (const file of [...Object.keys(files), PACKAGE_FILES.manifest]) {
      const path = join(dir, file);
      const { size: bytes } = await stat(path);
      await store.put(`${prefix}/${file}`, { path, bytes, contentType: 'text/plain' });
    }
    const release = { name, version, prefix, publishedAt: new Date().toISOString() };
    const releases = await readReleases(store);
    await writeReleases(store, releases, withRelease(releases, release));
  });
}

/** `hebb rollback` without the command line. */
export async function rollback(worker: TestWorker, to?: string): Promise<void> {
  await throughDoor(worker, async (store) => {
    const releases = await readReleases(store);
    await writeReleases(store, releases, withoutRelease(releases, to));
  });
}

/**
 * Changes an object of a published package in R2 directly; null removes it. Returns the former content.
 */
export async function tamper(
  { miniflare }: TestWorker,
  { manifest }: TestPackage,
  file: string,
  change: (bytes: Buffer) => Uint8Array | string | null,
): Promise<Buffer> {
  const bucket = await miniflare.getR2Bucket('MODELS');
  const key = `${releasePrefix(manifest)}/${file}`;
  const object = await bucket.get(key);
  const before = object ? Buffer.from(await object.arrayBuffer()) : Buffer.alloc(0);
  const changed = change(before);
  if (changed === null) await bucket.delete(key);
  else await bucket.put(key, changed);
  return before;
}
