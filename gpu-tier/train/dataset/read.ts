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
import type { Dataset, Example, HashedExample } from './dataset.ts';
import { findInFolders } from './folders.ts';
import { classNamesOf, type FoundImage, type FoundImages, type Side } from './found.ts';
import { leftOutSentence } from './left-out.ts';
import { mapLimited } from './limited.ts';
import { rarestOf, SPLIT, splitClass } from './split.ts';

export interface ReadOptions {
  /** Share of each class for validation when the data set has no split; default 0.15. */
  readonly valShare?: number;
  /** Seed of that split. */
  readonly seed?: number;
  /** See `findImages`. */
  readonly multiLabel?: boolean;
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
  const found = await findImages(source, options.multiLabel);
  const { images, multiLabel } = found;
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
    ...(multiLabel && { multiLabel }),
    fingerprint: fingerprintOf(classes, placed),
  };
}

/**
 * Finds the images of `source`. Throws `file_not_found`, and `invalid_dataset` when the data do not fit
 * `multiLabel`.
 * @param multiLabel whether an image may have several labels, or none; undefined: whichever the data are
 */
export async function findImages(source: string, multiLabel?: boolean): Promise<FoundImages> {
  const path = resolve(source);
  const status = await stat(path).catch((cause: unknown) => {
    throw new HebbError('file_not_found', `There is no data set ${source}.`, { cause });
  });
  if (status.isDirectory()) {
    if (!multiLabel) return await findInFolders(path);
    throw new HebbError(
      'invalid_dataset',
      `${source} is a folder, and class folders give an image one label.`,
      { hint: 'For --multi-label list the images in a CSV file of path,labels: a.jpg,cat|dog' },
    );
  }
  const found = await findInCsv(path, multiLabel || undefined);
  if (multiLabel === false && found.multiLabel) {
    throw new HebbError('invalid_dataset', `${source} lists several labels for an image.`, {
      hint: 'Train with --multi-label, and measure a package that was trained so.',
    });
  }
  return found;
}

/** Names of the classes, sorted. Throws `invalid_dataset` when they cannot be trained on. */
export function classesOf({ images, leftOut }: FoundImages, source: string): string[] {
  const fail = (message: string) => new HebbError('invalid_dataset', message);
  if (images.length === 0) {
    throw fail(`There are no images in the classes of ${source}.${leftOutSentence(leftOut)}`);
  }
  const classes = [...new Set(images.flatMap(classNamesOf))].sort();
  if (classes.length === 0) throw fail(`No image of ${source} has a label.`);
  if (classes.length < 2) throw fail(`${source} has only one class, ${classes[0]}.`);
  if (classes.length > MOST_CLASSES) throw fail(`${source} has more than ${MOST_CLASSES} classes.`);
  const trained = new Set(images.filter(({ side }) => side !== 'val').flatMap(classNamesOf));
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
  const byClass = groupBy(images, rarestOf(images, classNamesOf));
  return [...classes, undefined].flatMap((name) => {
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
  const labelled = labelsBy(classes);
  return images
    .filter(({ side }) => side === wanted)
    .map((image) => ({ path: image.path, ...labelled(image), sha256: image.sha256 }))
    .sort((a, b) => a.label - b.label || compare(a.sha256, b.sha256) || compare(a.path, b.path));
}

/** The label of an image, or its labels, as indices of `classes`. */
export function labelsBy(
  classes: readonly string[],
): (image: Pick<FoundImage, 'className' | 'classNames'>) => Pick<Example, 'label' | 'labels'> {
  const indices = new Map(classes.map((name, label) => [name, label]));
  return ({ className, classNames }) => {
    if (!classNames) return { label: indices.get(className)! };
    const labels = classNames.map((name) => indices.get(name)!).sort((a, b) => a - b);
    return { label: labels[0] ?? -1, labels };
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

interface PlacedImage {
  readonly path: string;
  readonly className: string;
  readonly classNames?: readonly string[] | undefined;
  readonly side: Side;
  readonly sha256: string;
}

/**
 * sha256 over classes, split and content, ordered by content: file names, dates and folders make no
 * difference.
 */
function fingerprintOf(classes: readonly string[], images: readonly PlacedImage[]): string {
  const hash = createHash('sha256').update(`${JSON.stringify(classes)}\n`);
  const lines = images.map(({ side, className, classNames, sha256 }) =>
    JSON.stringify([side, classNames ?? className, sha256]),
  );
  for (const line of lines.sort()) hash.update(`${line}\n`);
  return hash.digest('hex');
}
