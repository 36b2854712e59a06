/**
 * Data sets laid out as folders: one per class, or train/ and val/ with one per class in each.
 * @module
 */
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { HebbError } from '../../shared/model/errors.ts';
import { imageFiles } from '../decode/images.ts';
import { type FoundImage, type FoundImages, SIDES, type Side } from './found.ts';

/** Finds the images below `root`, sorted by path. Hidden files and folders are not looked at. */
export async function findInFolders(root: string): Promise<FoundImages> {
  const folders = await foldersIn(root);
  if (!(await isSplit(root, folders))) return findClasses(root, folders, undefined);
  const sides = folders
    .map((name) => ({ name, side: SIDES[name.toLowerCase()]! }))
    .filter((entry): entry is { name: string; side: Side } => entry.side !== 'ignored');
  const found = await Promise.all(
    sides.map(async ({ name, side }) => {
      const dir = join(root, name);
      return findClasses(dir, await foldersIn(dir), side);
    }),
  );
  const images = found.flatMap((side) => side.images);
  const filled = new Set(images.map(({ className }) => className));
  const empty = found.flatMap(({ emptyClasses }) => emptyClasses);
  return { images, emptyClasses: [...new Set(empty)].filter((name) => !filled.has(name)) };
}

/**
 * A folder `train` is one side of a split when all its neighbours are sides as well and there are
 * folders in it; between `car` and `bus` it is a class.
 */
async function isSplit(root: string, folders: readonly string[]): Promise<boolean> {
  const train = folders.find((name) => SIDES[name.toLowerCase()] === 'train');
  if (!train || !folders.every((name) => name.toLowerCase() in SIDES)) return false;
  return (await foldersIn(join(root, train))).length > 0;
}

async function findClasses(
  dir: string,
  classes: readonly string[],
  side: Side | undefined,
): Promise<FoundImages> {
  const found = await Promise.all(classes.map((name) => imagesOf(dir, name, side)));
  return {
    images: found.flat(),
    emptyClasses: classes.filter((_, i) => found[i]!.length === 0),
  };
}

/** All images below a class's folder are of that class, however deep. */
async function imagesOf(dir: string, className: string, side?: Side): Promise<FoundImage[]> {
  const folder = join(dir, className);
  const files = await imageFiles(folder);
  return files
    .filter(({ path }) => !isHidden(relative(folder, path)))
    .map(({ path }) => ({ path, className, ...(side && { side }) }));
}

const isHidden = (path: string): boolean => path.split(sep).some((part) => part.startsWith('.'));

/** Names of the visible folders in `dir`, and of links to folders; sorted. */
async function foldersIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir).catch((cause: unknown) => {
    throw new HebbError('file_not_found', `${dir} is no folder that can be read.`, { cause });
  });
  const visible = entries.filter((name) => !name.startsWith('.')).sort();
  const folder = await Promise.all(
    visible.map(async (name) =>
      (await stat(join(dir, name)).catch(() => undefined))?.isDirectory(),
    ),
  );
  return visible.filter((_, i) => folder[i]);
}
