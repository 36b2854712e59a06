/**
 * Which images of an evaluation a package was trained on. Accuracy on those says little about images
 * that the package has not seen.
 * @module
 */

import { HebbError } from '@hebb/model';
import type { PackageFolder } from '@hebb/packages/folder';
import { type RecordedSplit, readSplit, splitOf, wasTrainedOn } from '@hebb/packages/split';
import { contentHash, READERS } from '../dataset/content.ts';
import type { HashedExample } from '../dataset/dataset.ts';
import { labelledFiles } from '../dataset/labelled-files.ts';
import { mapLimited } from '../dataset/limited.ts';
import { type ReadOptions, readDataset } from '../dataset/read.ts';

/**
 * The split that a package was trained with. A package of an older version has no record of it; if the
 * data set has the fingerprint of its training, the split is that of the data set. Undefined when
 * neither applies.
 */
export async function splitOfPackage(
  folder: PackageFolder,
  source: string,
  splitting: Pick<ReadOptions, 'seed' | 'valShare' | 'multiLabel'>,
): Promise<RecordedSplit | undefined> {
  const recorded = await folder.split();
  if (recorded !== undefined) return readSplit(recorded);
  const { training } = folder.manifest;
  if (!training) return undefined;
  try {
    const dataset = await readDataset(source, splitting);
    return dataset.fingerprint === training.fingerprint ? splitOf(dataset) : undefined;
  } catch (error) {
    // A set that cannot be trained on, of one class for instance, is not the package's.
    if (error instanceof HebbError && error.code === 'invalid_dataset') return undefined;
    throw error;
  }
}

/** The images that any of several packages was trained on, or validated with. */
export const unionOfSplits = (splits: readonly RecordedSplit[]): RecordedSplit =>
  splits.reduce((all, { train, val, earlier }) => ({
    train: all.train.union(train),
    val: all.val.union(val),
    earlier: all.earlier.union(earlier),
  }));

export interface Acquaintance {
  /** Measured images that the weights were trained on. */
  readonly trained: number;
  /** Measured images that validated the run, and were not trained on. */
  readonly validated: number;
  /** Measured images that the run did not use. */
  readonly unseen: number;
}

/** Counts the images by their role in the package's training. */
export function acquaintance(
  examples: readonly Pick<HashedExample, 'sha256'>[],
  split: RecordedSplit,
): Acquaintance {
  const trained = examples.filter(({ sha256 }) => wasTrainedOn(split, sha256)).length;
  const validated = examples.filter(
    ({ sha256 }) => !wasTrainedOn(split, sha256) && split.val.has(sha256),
  ).length;
  return { trained, validated, unseen: examples.length - trained - validated };
}

/**
 * How many images of a folder or a CSV file the package was trained on. Hashes every file; a package without a
 * recorded split gives 0 of 0.
 */
export async function countTrainedOn(
  folder: PackageFolder,
  source: string,
): Promise<{ readonly images: number; readonly trained: number }> {
  const recorded = await folder.split();
  if (recorded === undefined) return { images: 0, trained: 0 };
  const split = readSplit(recorded);
  const multiLabel = folder.manifest.network.output === 'sigmoid';
  const files = await labelledFiles(source, multiLabel);
  const hashes = await mapLimited(files, READERS, ({ path }) => contentHash(path));
  return {
    images: files.length,
    trained: hashes.filter((sha256) => wasTrainedOn(split, sha256)).length,
  };
}
