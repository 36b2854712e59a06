/**
 * Makes a data set of a folder of class folders: without copies, split into train/ and val/.
 * @module
 */
import { copyFile, link, mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { DecodeThreads } from '@hebb/images/threads';
import { checkDataset } from '../checks/check.ts';
import { contentHash } from '../content.ts';
import { findInFolders } from '../folders.ts';
import { mapLimited } from '../limited.ts';
import { classesOf, place } from '../read.ts';

export interface ArrangeOptions {
  readonly valShare: number;
  readonly seed: number;
  /** Reduce photographs to this shorter side, pixels; absent: keep them unchanged. */
  readonly size?: number | undefined;
  readonly onCheck?: (done: number, total: number) => void;
  readonly onArrange?: (done: number, total: number) => void;
}

export interface Arranged {
  readonly classes: readonly string[];
  readonly train: number;
  readonly val: number;
  /** Number of photographs left out: broken files and copies. */
  readonly leftOut: number;
}

/** Puts the photographs of `from` into `to`, by hard links where possible. Does not change `from`. */
export async function arrange(
  from: string,
  to: string,
  { valShare, seed, size, onCheck, onArrange }: ArrangeOptions,
): Promise<Arranged> {
  const { findings } = await checkDataset(from, {
    valShare,
    ...(onCheck && { onProgress: onCheck }),
  });
  const bad = new Set(findings.flatMap(({ removes }) => removes));
  const found = await findInFolders(from);
  const good = found.images.filter(({ path }) => !bad.has(path));
  const classes = classesOf({ ...found, images: good }, from);
  const hashed = await mapLimited(good, 16, async (image) => ({
    ...image,
    sha256: await contentHash(image.path),
  }));
  const placed = place(hashed, classes, valShare, seed);
  for (const side of ['train', 'val']) {
    for (const name of classes) await mkdir(join(to, side, name), { recursive: true });
  }
  const threads = new DecodeThreads(availableParallelism());
  await mapLimited(
    placed,
    availableParallelism(),
    async ({ path, className, side }) => {
      const target = join(to, side, className, basename(path));
      await (size === undefined ? linkOrCopy(path, target) : reduce(threads, path, target, size));
    },
    (done) => onArrange?.(done, placed.length),
  ).finally(() => threads.close());
  const count = (wanted: 'train' | 'val') => placed.filter(({ side }) => side === wanted).length;
  return {
    classes,
    train: count('train'),
    val: count('val'),
    leftOut: found.images.length - good.length,
  };
}

const linkOrCopy = (from: string, to: string): Promise<void> =>
  link(from, to).catch(() => copyFile(from, to));

/** Writes a JPEG with the shorter side `size`, or the photograph's own if that is smaller. */
async function reduce(
  threads: DecodeThreads,
  from: string,
  to: string,
  size: number,
): Promise<void> {
  const target = join(dirname(to), `${basename(to, extname(to))}.jpg`);
  const jpeg = await threads.jpeg({ source: from, side: size, of: 'shorter', quality: 92 });
  await writeFile(target, jpeg);
}
