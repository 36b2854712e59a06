/**
 * Reads a data set: a folder of class folders, one with train/ and val/ of them, or a CSV file.
 * @module
 */

import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { HebbError } from '@hebb/model/errors';
import { groupBy } from '@hebb/model/node20';
import { contentHash, READERS } from './content.ts';
import { findInCsv } from './csv.ts';
import type { Dataset, HashedExample } from './dataset.ts';
import { findInFolders } from './folders.ts';
import type { FoundImage, FoundImages, Side } from './found.ts';
import { leftOutSentence } from './left-out.ts';
import { mapLimited } from './limited.ts';
import { SPLIT, splitClass } from './split.ts';

export interface ReadOptions {
  /** Share of each class for validation when the data set has no split; default 0.15. */
  readonly valShare?: number;
  /** Seed of that split. */
  readonly seed?: number;
  /** Called as files are read. */
  readonly onProgress?: (done: number, total: number) => void;
}

type HashedImage = FoundImage & { readonly sha256: string };

/** Largest number of classes of a network. */
const MOST_CLASSES = 100_000;

/**
 * Reads a data set. Every file is read once for the fingerprint but not decoded (see `checkDataset`).
 * The content decides the order of the examples. Throws `file_not_found` or `invalid_dataset`.
 * @example
 * const { classes, train, val } = await readDataset('flowers');
 */
export async function readDataset(source: string, options: ReadOptions = {}): Promise<Dataset> {
  const { valShare = SPLIT.valShare, seed = SPLIT.seed, onProgress } = options;
  const found = await findImages(source);
  const { images } = found;
  const classes = classesOf(found, source);
  const hashed = await mapLimited(
    images,
    READERS,
    async (image): Promise<HashedImage> => ({ ...image, sha256: await contentHash(image.path) }),
    (done) => onProgress?.(done, images.length),
  );
  const placed = place(hashed, classes, valShare, seed);
  const examples = (side: 'train' | 'val') => inOrder(placed, classes, side);
  return {
    classes,
    train: examples('train'),
    val: examples('val'),
    fingerprint: fingerprintOf(classes, placed),
  };
}

/** Finds the images of `source`. Throws `file_not_found`. */
export async function findImages(source: string): Promise<FoundImages> {
  const path = resolve(source);
  const status = await stat(path).catch((cause: unknown) => {
    throw new HebbError('file_not_found', `There is no data set ${source}.`, { cause });
  });
  return status.isDirectory() ? findInFolders(path) : findInCsv(path);
}

/** Names of the classes, sorted. Throws `invalid_dataset` when they cannot be trained on. */
export function classesOf({ images, leftOut }: FoundImages, source: string): string[] {
  const fail = (message: string) => new HebbError('invalid_dataset', message);
  if (images.length === 0) {
    throw fail(`There are no images in the classes of ${source}.${leftOutSentence(leftOut)}`);
  }
  const classes = [...new Set(images.map(({ className }) => className))].sort();
  if (classes.length < 2) throw fail(`${source} has only one class, ${classes[0]}.`);
  if (classes.length > MOST_CLASSES) throw fail(`${source} has more than ${MOST_CLASSES} classes.`);
  const trained = new Set(images.filter(({ side }) => side !== 'val').map((i) => i.className));
  const untrained = classes.filter((name) => !trained.has(name));
  if (untrained.length > 0) {
    throw fail(`${source} has validation images of ${untrained.join(', ')} but none to train on.`);
  }
  return classes;
}

/** Keeps the data set's own split; without a validation side, splits by the seed. */
export function place(
  images: readonly HashedImage[],
  classes: readonly string[],
  valShare: number,
  seed: number,
): PlacedImage[] {
  if (images.some(({ side }) => side === 'val')) {
    return images.map((image) => ({ ...image, side: image.side ?? 'train' }));
  }
  const byClass = groupBy(images, ({ className }) => className);
  return classes.flatMap((name) => {
    const { train, val } = splitClass(byClass.get(name) ?? [], valShare, seed);
    return [
      ...train.map((image) => ({ ...image, side: 'train' as const })),
      ...val.map((image) => ({ ...image, side: 'val' as const })),
    ];
  });
}

/** Sorted by class, content and path: the order does not depend on the folder of the data set. */
function inOrder(
  images: readonly PlacedImage[],
  classes: readonly string[],
  wanted: 'train' | 'val',
): HashedExample[] {
  const labels = new Map(classes.map((name, label) => [name, label]));
  return images
    .filter(({ side }) => side === wanted)
    .map(({ path, className, sha256 }) => ({ path, label: labels.get(className)!, sha256 }))
    .sort((a, b) => a.label - b.label || compare(a.sha256, b.sha256) || compare(a.path, b.path));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

interface PlacedImage {
  readonly path: string;
  readonly className: string;
  readonly side: Side;
  readonly sha256: string;
}

/**
 * sha256 over classes, split and content, ordered by content: file names, dates and folders make no
 * difference.
 */
function fingerprintOf(classes: readonly string[], images: readonly PlacedImage[]): string {
  const hash = createHash('sha256').update(`${JSON.stringify(classes)}\n`);
  const lines = images.map(({ side, className, sha256 }) =>
    JSON.stringify([side, className, sha256]),
  );
  for (const line of lines.sort()) hash.update(`${line}\n`);
  return hash.digest('hex');
}
