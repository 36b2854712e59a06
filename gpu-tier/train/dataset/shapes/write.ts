/**
 * Writes a small labelled data set of drawn figures: in train/ and val/ with one figure to a picture, or
 * with several and a list of labels.
 * @module
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { encodeJpeg } from '@hebb/images/jpeg';
import { derivedSeed, seededRandom } from '../../random/random.ts';
import { LABEL_SEPARATOR, LABELS_FILE } from '../csv.ts';
import { mapLimited } from '../limited.ts';
import { newFolder } from '../new-folder.ts';
import { drawPicture, drawSeveral, MOST_FIGURES } from './draw.ts';
import { FIGURES, type FigureName } from './figures.ts';

export interface ShapesOptions {
  /** Training images per class; a quarter as many for validation. */
  readonly images: number;
  /** Side of an image, pixels. */
  readonly size: number;
  readonly seed: number;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ShapesWritten {
  readonly classes: readonly FigureName[];
  readonly train: number;
  readonly val: number;
}

interface Picture {
  readonly figure: FigureName;
  readonly seed: number;
  /** Relative to the data set. */
  readonly path: string;
}

/** Writes the data set to `dir`; the same options give the same files. */
export async function writeShapes(dir: string, options: ShapesOptions): Promise<ShapesWritten> {
  const { images, size, onProgress } = options;
  const classes = Object.keys(FIGURES) as FigureName[];
  const perClass = { train: images, val: Math.max(1, Math.round(images / 4)) };
  const pictures = classes.flatMap((figure, label) => [
    ...plan('train', figure, label, perClass.train, options.seed),
    ...plan('val', figure, label, perClass.val, options.seed),
  ]);
  await newFolder(dir, async (folder) => {
    for (const side of ['train', 'val']) {
      for (const figure of classes) await mkdir(join(folder, side, figure), { recursive: true });
    }
    await mapLimited(
      pictures,
      availableParallelism(),
      async ({ figure, seed, path }) => {
        const data = drawPicture(figure, size, seed);
        const jpeg = await encodeJpeg({ width: size, height: size, data }, 90);
        await writeFile(join(folder, path), jpeg);
      },
      (done) => onProgress?.(done, pictures.length),
    );
  });
  const count = (side: 'train' | 'val') => classes.length * perClass[side];
  return { classes, train: count('train'), val: count('val') };
}

/** The probability that a picture shows a class. */
const SHARE = 1 / 3;

interface SeveralPicture {
  readonly side: 'train' | 'val';
  readonly figures: readonly FigureName[];
  readonly seed: number;
  readonly path: string;
}

/**
 * Writes a multi-label data set: pictures of zero to four figures in `images/`, and `labels.csv` of
 * path, labels and split. There are as many pictures as `writeShapes` writes.
 */
export async function writeSeveralShapes(
  dir: string,
  { images, size, seed, onProgress }: ShapesOptions,
): Promise<ShapesWritten> {
  const classes = Object.keys(FIGURES) as FigureName[];
  const train = images * classes.length;
  const val = Math.max(1, Math.round(images / 4)) * classes.length;
  const pictures = [
    ...Array.from({ length: train }, (_, i) => planSeveral('train', i, classes, seed)),
    ...Array.from({ length: val }, (_, i) => planSeveral('val', i, classes, seed)),
  ];
  const rows = pictures.map(({ path, figures, side }) => [
    path,
    figures.join(LABEL_SEPARATOR),
    side,
  ]);
  const lines = [['path', 'labels', 'split'], ...rows].map((row) => `${row.join(',')}\n`);
  await newFolder(dir, async (folder) => {
    await mkdir(join(folder, 'images'));
    await mapLimited(
      pictures,
      availableParallelism(),
      async (picture) => {
        const data = drawSeveral(picture.figures, size, picture.seed);
        const jpeg = await encodeJpeg({ width: size, height: size, data }, 90);
        await writeFile(join(folder, picture.path), jpeg);
      },
      (done) => onProgress?.(done, pictures.length),
    );
    await writeFile(join(folder, LABELS_FILE), lines.join(''));
  });
  return { classes, train, val };
}

function planSeveral(
  side: 'train' | 'val',
  i: number,
  classes: readonly FigureName[],
  seed: number,
): SeveralPicture {
  const own = derivedSeed(seed, side === 'train' ? 3 : 4, i);
  const random = seededRandom(derivedSeed(own, 1));
  const figures = classes.filter(() => random() < SHARE).slice(0, MOST_FIGURES);
  const path = join('images', `${side}-${String(i + 1).padStart(4, '0')}.jpg`);
  return { side, figures, seed: own, path };
}

function plan(
  side: 'train' | 'val',
  figure: FigureName,
  label: number,
  count: number,
  seed: number,
): Picture[] {
  return Array.from({ length: count }, (_, i) => ({
    figure,
    seed: derivedSeed(seed, side === 'train' ? 1 : 2, label, i),
    path: join(side, figure, `${figure}-${String(i + 1).padStart(4, '0')}.jpg`),
  }));
}
