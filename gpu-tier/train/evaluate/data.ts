/**
 * The images of an evaluation.
 * @module
 */
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { imageFiles, isImageName } from '@hebb/images/images';
import { HebbError } from '@hebb/model';
import { type RecordedSplit, wasTrainedOn } from '@hebb/packages/split';
import { contentHash, READERS } from '../dataset/content.ts';
import type { HashedExample } from '../dataset/dataset.ts';
import { classNamesOf, type FoundImage, type FoundImages, type Side } from '../dataset/found.ts';
import { type LeftOut, leftOutSentence, reasonOf } from '../dataset/left-out.ts';
import { mapLimited } from '../dataset/limited.ts';
import { findImages, labelsBy, readDataset } from '../dataset/read.ts';

/** Parts of a data set. */
export const SPLITS = ['val', 'train', 'all'] as const;
export type Split = (typeof SPLITS)[number];

export interface EvaluationDataOptions {
  /** Default: the validation images, or all images if there are none. */
  readonly split?: Split;
  /** Make a new split, as `hebb train` does with these values; they override `recorded`. */
  readonly valShare?: number;
  readonly seed?: number;
  /** The split that the package was trained with. */
  readonly recorded?: RecordedSplit | undefined;
  /** Whether the package is multi-label; see `findImages`. */
  readonly multiLabel?: boolean;
}

export interface EvaluationData {
  readonly split: Split;
  /** Origin of the split: the data set, the package's record, or a seed; undefined for `all`. */
  readonly by?: 'data' | 'package' | 'seed';
  /** Names of the classes, sorted; labels of examples are indices into them. */
  readonly classes: readonly string[];
  readonly examples: readonly HashedExample[];
  /** Number of images in neither part of the package's split; they are not measured. */
  readonly outside: number;
  /** Files that are not used. */
  readonly leftOut: readonly LeftOut[];
}

type Labelled = FoundImage & { readonly sha256: string };

/**
 * Finds labelled images: class folders, perhaps below train/ and val/, a CSV file, or a flat folder of
 * ImageNet's files, whose names begin with the synset. If the data have no split and the package's
 * record knows some of the images, the record is the split. Throws `file_not_found`, or
 * `invalid_dataset` when there are no images.
 * @example
 * const { examples, classes } = await evaluationData('flowers', { split: 'val' });
 */
export async function evaluationData(
  source: string,
  { split, recorded, multiLabel, ...splitting }: EvaluationDataOptions = {},
): Promise<EvaluationData> {
  const found = (await flatFolder(source)) ?? (await findImages(source, multiLabel));
  const images = await mapLimited(
    found.images,
    READERS,
    async (image): Promise<Labelled> => ({ ...image, sha256: await contentHash(image.path) }),
  );
  const { leftOut } = found;
  const parts = partsOf(
    images,
    recorded,
    Object.values(splitting).some((v) => v !== undefined),
  );
  const wanted = split ?? (parts.by === undefined || parts.val.length === 0 ? 'all' : 'val');
  const outside =
    parts.by === 'package' ? images.length - parts.val.length - parts.train.length : 0;
  if (wanted === 'all') return { ...collected(images, wanted, found, source), outside: 0, leftOut };
  if (parts.by !== undefined) {
    const examples = collected(parts[wanted], wanted, found, source);
    return { ...examples, by: parts.by, outside, leftOut };
  }
  const { classes, ...sides } = await readDataset(source, {
    ...splitting,
    ...(multiLabel === undefined ? {} : { multiLabel }),
  });
  return { split: wanted, by: 'seed', classes, examples: sides[wanted], outside, leftOut };
}

interface Parts {
  readonly by: 'data' | 'package' | undefined;
  readonly train: readonly Labelled[];
  readonly val: readonly Labelled[];
}

/** @param seeded whether a new split by seed is wanted, which ignores the record */
function partsOf(
  images: readonly Labelled[],
  recorded: RecordedSplit | undefined,
  seeded: boolean,
): Parts {
  if (images.some(({ side }) => side === 'val')) {
    const of = (wanted: Side) => images.filter(({ side = 'train' }) => side === wanted);
    return { by: 'data', train: of('train'), val: of('val') };
  }
  if (recorded && !seeded) {
    const train = images.filter(({ sha256 }) => wasTrainedOn(recorded, sha256));
    const val = images.filter(
      ({ sha256 }) => recorded.val.has(sha256) && !wasTrainedOn(recorded, sha256),
    );
    if (train.length + val.length > 0) return { by: 'package', train, val };
  }
  return { by: undefined, train: [], val: [] };
}

/** A flat folder of files named by synset; undefined if `source` is not one. */
async function flatFolder(source: string): Promise<FoundImages | undefined> {
  const entries = await readdir(source, { withFileTypes: true }).catch(() => []);
  if (!entries.some((entry) => !entry.isDirectory() && /^n\d{8}_/.test(entry.name)))
    return undefined;
  const files = await imageFiles(resolve(source));
  const images = files.flatMap(({ path, label }) => (label ? [{ path, className: label }] : []));
  const others = entries.flatMap(({ name, parentPath }): LeftOut[] => {
    const reason = isImageName(name) ? undefined : reasonOf(name);
    return reason?.startsWith('format ') ? [{ path: join(parentPath, name), reason }] : [];
  });
  const unnamed = files.flatMap(({ path, label }): LeftOut[] =>
    label ? [] : [{ path, reason: 'no class' }],
  );
  return { images, emptyClasses: [], leftOut: [...others, ...unnamed] };
}

function collected(
  images: readonly Labelled[],
  split: Split,
  { leftOut }: FoundImages,
  source: string,
): Pick<EvaluationData, 'split' | 'classes' | 'examples'> {
  if (images.length === 0) {
    const what =
      split === 'all'
        ? 'labelled images'
        : `images to ${split === 'val' ? 'validate' : 'train'} on`;
    const left = leftOutSentence(leftOut);
    throw new HebbError('invalid_dataset', `There are no ${what} in ${source}.${left}`);
  }
  const classes = [...new Set(images.flatMap(classNamesOf))].sort();
  const labelled = labelsBy(classes);
  const examples = images.map((image) => ({
    path: image.path,
    sha256: image.sha256,
    ...labelled(image),
  }));
  return { split, classes, examples };
}
