/**
 * Checks before hours of work that their results can be written.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { HebbError } from '@hebb/model/errors';
import { writing } from './storage-error.ts';

export interface Destination {
  /** A folder; neither it nor its parents need to exist. */
  readonly dir: string;
  /** Lower bound of the bytes that will be written there. */
  readonly bytes: number;
}

/**
 * Writes a small temporary file to each folder (permissions alone do not show a read-only mount, and root has
 * all permissions), and compares the free space of each file system with the sum of the bytes planned on it.
 * Creates no folder. Throws `not_writable` or `disk_full`.
 */
export async function checkDestinations(destinations: readonly Destination[]): Promise<void> {
  const disks = new Map<number, { bytes: number; free: number; dir: string }>();
  for (const { dir, bytes } of destinations) {
    const existing = await nearestFolder(resolve(dir));
    const probe = join(existing, `.hebb-${randomUUID()}`);
    await writing(dir, async () => {
      try {
        await writeFile(probe, 'may this be written?\n', { flag: 'wx' });
      } finally {
        await rm(probe, { force: true }).catch(() => {});
      }
    });
    const { dev } = await stat(existing);
    const disk = disks.get(dev) ?? { bytes: 0, free: await freeBytes(existing), dir };
    disks.set(dev, { ...disk, bytes: disk.bytes + bytes });
  }
  for (const { bytes, free, dir } of disks.values()) {
    if (bytes <= free) continue;
    throw new HebbError(
      'disk_full',
      `The disk of ${dir} has ${megabytes(free)} left, and at least ${megabytes(bytes)} will be written.`,
    );
  }
}

/** The folder itself, or its nearest parent that exists. */
async function nearestFolder(dir: string): Promise<string> {
  for (let at = dir; ; at = dirname(at)) {
    const there = await stat(at).catch(() => undefined);
    if (there?.isDirectory()) return at;
    if (there) throw new HebbError('not_writable', `${dir} cannot be written: ${at} is a file.`);
    if (at === dirname(at)) return at;
  }
}

/** Bytes that this user may still write. */
async function freeBytes(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize;
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6).toLocaleString('en')} MB`;
