/**
 * Data sets laid out as folders: one per class, or train/ and val/ with one per class in each.
 * @module
 */
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { isImageName } from '@hebb/images/images';
import { HebbError } from '@hebb/model/errors';
import { type FoundImage, type FoundImages, SIDES, type Side } from './found.ts';
import { type LeftOut, type LeftOutReason, reasonOf } from './left-out.ts';

/** Finds the images below `root`, sorted by path, without hidden files and folders. */
export async function findInFolders(root: string): Promise<FoundImages> {
  const folders = await foldersIn(root);
  const loose = await looseFiles(root, folders);
  if (!(await isSplit(root, folders))) {
    const found = await findClasses(root, folders, undefined);
    return { ...found, leftOut: [...loose, ...found.leftOut] };
  }
  const named = folders.map((name) => ({ name, side: SIDES[name.toLowerCase()]! }));
  const sides = named.filter(
    (entry): entry is { name: string; side: Side } => entry.side !== 'ignored',
  );
  const ignored = named.filter(({ side }) => side === 'ignored');
  const found = await Promise.all(
    sides.map(async ({ name, side }) => {
      const dir = join(root, name);
      const classes = await foldersIn(dir);
      const { leftOut, ...rest } = await findClasses(dir, classes, side);
      return { ...rest, leftOut: [...(await looseFiles(dir, classes)), ...leftOut] };
    }),
  );
  const test = await Promise.all(ignored.map(({ name }) => filesBelow(join(root, name))));
  const images = found.flatMap((side) => side.images);
  const filled = new Set(images.map(({ className }) => className));
  const empty = found.flatMap(({ emptyClasses }) => emptyClasses);
  return {
    images,
    emptyClasses: [...new Set(empty)].filter((name) => !filled.has(name)),
    leftOut: [
      ...loose,
      ...found.flatMap(({ leftOut }) => leftOut),
      ...test.flatMap((side) => side.images).map((path): LeftOut => ({ path, reason: 'test' })),
    ],
  };
}

/**
 * A folder `train` is a side of a split when all its siblings are sides too and it holds folders; beside
 * `car` and `bus` it is a class.
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
    images: found.flatMap(({ images }) => images),
    emptyClasses: classes.filter((_, i) => found[i]!.images.length === 0),
    leftOut: found.flatMap(({ leftOut }) => leftOut),
  };
}

/** All images below a class folder belong to that class, at any depth. */
async function imagesOf(
  dir: string,
  className: string,
  side?: Side,
): Promise<{ images: FoundImage[]; leftOut: LeftOut[] }> {
  const { images, leftOut } = await filesBelow(join(dir, className));
  return { images: images.map((path) => ({ path, className, ...(side && { side }) })), leftOut };
}

/** All files below a folder: images, sorted, and files that are left out. */
async function filesBelow(dir: string): Promise<{ images: string[]; leftOut: LeftOut[] }> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch((cause) => {
    throw new HebbError('file_not_found', `${dir} is not a readable folder.`, { cause });
  });
  const images: string[] = [];
  const leftOut: LeftOut[] = [];
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const reason = await reasonFor(dir, path, entry.isSymbolicLink());
    if (reason === 'image') images.push(path);
    else if (reason) leftOut.push({ path, reason });
  }
  return { images: images.sort(), leftOut: leftOut.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

async function reasonFor(
  dir: string,
  path: string,
  isLink: boolean,
): Promise<LeftOutReason | 'image' | undefined> {
  const parts = relative(dir, path).split(sep);
  const name = parts.at(-1)!;
  // Hidden files are reported only if they are images.
  if (parts.some((part) => part.startsWith('.'))) {
    return isImageName(name) && reasonOf(name) !== undefined ? 'hidden' : undefined;
  }
  if (isImageName(name)) return 'image';
  if (isLink && (await stat(path).catch(() => undefined))?.isDirectory()) return 'linked folder';
  return reasonOf(name);
}

/** Files beside the class folders: images there have no class. */
async function looseFiles(dir: string, folders: readonly string[]): Promise<LeftOut[]> {
  const entries = await readdir(dir);
  return entries
    .filter((name) => !name.startsWith('.') && !folders.includes(name))
    .flatMap((name): LeftOut[] => {
      const reason = isImageName(name) ? 'no class' : reasonOf(name);
      // Many data sets have lists, licences and the like beside the images.
      const usual = !reason || reason === 'no extension' || reason.startsWith('other ');
      return usual ? [] : [{ path: join(dir, name), reason }];
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Names of the visible folders in `dir` and of links to folders, sorted. */
async function foldersIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir).catch((cause: unknown) => {
    throw new HebbError('file_not_found', `${dir} is not a readable folder.`, { cause });
  });
  const visible = entries.filter((name) => !name.startsWith('.')).sort();
  const folder = await Promise.all(
    visible.map(async (name) =>
      (await stat(join(dir, name)).catch(() => undefined))?.isDirectory(),
    ),
  );
  return visible.filter((_, i) => folder[i]);
}
