/**
 * Finds images in folders that are laid out as data sets.
 * @module
 */
import { readdir } from 'node:fs/promises';
import { basename, extname, join, relative, sep } from 'node:path';
import { HebbError } from '@hebb/model';

export interface ImageFile {
  readonly path: string;
  /** Class: the synset at the start of the file's name (ImageNet), else the name of its folder. */
  readonly label?: string;
  /** Of multi-label data: the names of all classes that it shows. */
  readonly labels?: readonly string[];
}

/** `.jfif`: browsers on Windows save JPEG files with this extension. */
const EXTENSIONS = new Set([
  ...['.jpg', '.jpeg', '.jpe', '.jfif', '.pjpeg', '.pjp'],
  ...['.png', '.webp', '.avif', '.gif', '.heic', '.heif', '.hif'],
]);

/** True for the file name of a supported image. */
export const isImageName = (name: string): boolean => EXTENSIONS.has(extname(name).toLowerCase());

/** WordNet id of a class: `n01440764` in `n01440764_tench.JPEG`. */
const SYNSET = /^n\d{8}(?=_)/;

/** All images below `dir`, by extension, sorted by path. */
export async function imageFiles(dir: string): Promise<ImageFile[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch((cause) => {
    throw new HebbError('file_not_found', `${dir} is not a readable folder.`, { cause });
  });
  return entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .filter((entry) => isImageName(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort((a, b) => (a < b ? -1 : 1))
    .map((path) => {
      const label = labelOf(relative(dir, path));
      return label === undefined ? { path } : { path, label };
    });
}

function labelOf(path: string): string | undefined {
  return basename(path).match(SYNSET)?.[0] ?? path.split(sep).at(-2);
}
