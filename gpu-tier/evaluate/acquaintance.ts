/**
 * How a package knows the images that it is measured on: what it was trained on it has seen, and says
 * little about what it has not.
 * @module
 */
import { HebbError } from '../../shared/model/index.ts';
import type { HashedExample } from '../dataset/dataset.ts';
import { type ReadOptions, readDataset } from '../dataset/read.ts';
import type { PackageFolder } from '../packages/folder.ts';
import { type RecordedSplit, readSplit, splitOf, wasTrainedOn } from '../packages/split.ts';

/**
 * The split that a package was trained with: as it records it; of a package from before this was
 * recorded, that of the data set, where its fingerprint shows that the package was made of it.
 * Undefined where nothing tells.
 */
export async function splitOfPackage(
  folder: PackageFolder,
  source: string,
  splitting: Pick<ReadOptions, 'seed' | 'valShare'>,
): Promise<RecordedSplit | undefined> {
  const recorded = await folder.split();
  if (recorded !== undefined) return readSplit(recorded);
  const { training } = folder.manifest;
  if (!training) return undefined;
  try {
    const dataset = await readDataset(source, splitting);
    return dataset.fingerprint === training.fingerprint ? splitOf(dataset) : undefined;
  } catch (error) {
    // A set that nothing could be trained on, of one class for instance, is not the one.
    if (error instanceof HebbError && error.code === 'invalid_dataset') return undefined;
    throw error;
  }
}

export interface Acquaintance {
  /** Images of those measured that the weights were trained on. */
  readonly trained: number;
  /** Images that the run validated on, and was not trained on. */
  readonly validated: number;
  /** Images that it never saw. */
  readonly unseen: number;
}

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
