/**
 * The images that an evaluation asks about.
 * @module
 */
import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { HebbError } from '../../shared/model/index.ts';
import type { Example } from '../dataset/dataset.ts';
import { findImages, readDataset } from '../dataset/read.ts';
import { imageFiles } from '../decode/images.ts';

/** The parts of a data set that can be asked for. */
export const SPLITS = ['val', 'train', 'all'] as const;
export type Split = (typeof SPLITS)[number];

export interface EvaluationDataOptions {
  /** Validation images where the data set has some, else all, if absent. */
  readonly split?: Split;
  /** How `hebb train` splits a data set that has no split of its own. */
  readonly valShare?: number;
  readonly seed?: number;
}

export interface EvaluationData {
  readonly split: Split;
  /** Names of the classes, sorted; what examples' labels are indices of. */
  readonly classes: readonly string[];
  readonly examples: readonly Example[];
}

type Labelled = readonly { readonly path: string; readonly className: string }[];

/**
 * Finds labelled images: folders of classes, with or without train/ and val/ above them, a CSV file,
 * or a flat folder of ImageNet's files, whose names begin with the synset. Throws `file_not_found`,
 * or `invalid_dataset` when there are none.
 */
export async function evaluationData(
  source: string,
  { split, ...splitting }: EvaluationDataOptions = {},
): Promise<EvaluationData> {
  const flat = await flatFolder(source);
  if (flat.length > 0) return collected(flat, 'all', source);
  const { images } = await findImages(source);
  const divided = images.some(({ side }) => side === 'val');
  const wanted = split ?? (divided ? 'val' : 'all');
  if (wanted === 'all') return collected(images, wanted, source);
  if (divided) {
    const side = images.filter((image) => (image.side ?? 'train') === wanted);
    return collected(side, wanted, source);
  }
  const { classes, ...sides } = await readDataset(source, splitting);
  return { split: wanted, classes, examples: sides[wanted] };
}

/** Images that lie right in the folder and say their class; none where there is no such folder. */
async function flatFolder(source: string): Promise<Labelled> {
  const entries = await readdir(source, { withFileTypes: true }).catch(() => []);
  if (!entries.some((entry) => !entry.isDirectory() && /^n\d{8}_/.test(entry.name))) return [];
  const files = await imageFiles(resolve(source));
  return files.flatMap(({ path, label }) => (label ? [{ path, className: label }] : []));
}

function collected(images: Labelled, split: Split, source: string): EvaluationData {
  if (images.length === 0) {
    const what =
      split === 'all'
        ? 'labelled images'
        : `images to ${split === 'val' ? 'validate' : 'train'} on`;
    throw new HebbError('invalid_dataset', `There are no ${what} in ${source}.`);
  }
  const classes = [...new Set(images.map(({ className }) => className))].sort();
  const labels = new Map(classes.map((name, label) => [name, label]));
  const examples = images.map(({ path, className }) => ({ path, label: labels.get(className)! }));
  return { split, classes, examples };
}
