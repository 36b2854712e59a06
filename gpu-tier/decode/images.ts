/**
 * Folders of images, as data sets are laid out.
 * @module
 */
import { readdir } from 'node:fs/promises';
import { basename, extname, join, relative, sep } from 'node:path';
import { HebbError } from '../../shared/model/index.ts';

export interface ImageFile {
  readonly path: string;
  /** Class: the synset that the file's name starts with (ImageNet), else the folder it lies in. */
  readonly label?: string;
}

/** `.jfif` is what browsers on Windows save a JPEG as. */
const EXTENSIONS = new Set([
  ...['.jpg', '.jpeg', '.jpe', '.jfif', '.pjpeg', '.pjp'],
  ...['.png', '.webp', '.avif', '.gif', '.heic', '.heif', '.hif'],
]);

/** Whether a file is an image that is read here, by its name. */
export const isImageName = (name: string): boolean => EXTENSIONS.has(extname(name).toLowerCase());

/** WordNet identifier of a class: `n01440764` in `n01440764_tench.JPEG`. */
const SYNSET = /^n\d{8}(?=_)/;

/** Every image below `dir`, recursively, by extension, sorted by path. */
export async function imageFiles(dir: string): Promise<ImageFile[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch((cause) => {
    throw new HebbError('file_not_found', `${dir} is no folder that can be read.`, { cause });
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
