/**
 * Model packages that could be served: those in a folder, and those named at start.
 * @module
 */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  HebbError,
  isPackageName,
  type Manifest,
  PACKAGE_FILES,
} from '../../shared/model/index.ts';
import { readPackage } from '../packages/folder.ts';

export interface RepositoryEntry {
  readonly dir: string;
  readonly manifest: Manifest;
  /** When the manifest was last written, ms since 1970. */
  readonly changed: number;
}

/** A folder with a manifest that cannot be served. */
export interface BrokenEntry {
  /** Of the folder: a manifest that cannot be read has none. */
  readonly name: string;
  readonly dir: string;
  readonly reason: string;
}

export interface Repository {
  /** Packages with full-precision weights, newest first. */
  list(): Promise<RepositoryEntry[]>;
  /** What `list` leaves out, with the reason; folders that are no packages at all are not mentioned. */
  broken(): Promise<BrokenEntry[]>;
  /** The package of that name, and of that version if one is given. Throws `model_not_found`. */
  find(name: string, version?: string): Promise<RepositoryEntry>;
  /** Adds a package's folder, wherever it lies, and returns the package's name. */
  add(dir: string): Promise<string>;
}

/** The repository of the packages one level below `folder`. */
export function createRepository(folder: string): Repository {
  const extra = new Set<string>();

  async function all(): Promise<(RepositoryEntry | BrokenEntry)[]> {
    const names = await readdir(folder).catch(() => []);
    const dirs = [...extra, ...names.map((name) => join(folder, name))];
    return (await Promise.all([...new Set(dirs)].map(read))).flat();
  }
  async function list(): Promise<RepositoryEntry[]> {
    const entries = (await all()).filter((entry) => 'manifest' in entry);
    return entries.sort((a, b) => b.changed - a.changed);
  }
  return {
    list,
    broken: async () => (await all()).filter((entry) => 'reason' in entry),
    async find(name, version) {
      const entries = isPackageName(name) ? await list() : [];
      const named = entries.filter(
        ({ manifest: { name: n, version: v } }) => n === name && (!version || v === version),
      );
      // A folder that was named on the command line goes before one that is merely there.
      const entry = named.find(({ dir }) => extra.has(dir)) ?? named[0];
      if (entry) return entry;
      const what = version ? `${name} ${version.slice(0, 12)}` : name;
      throw new HebbError('model_not_found', `There is no model ${what} in the repository.`, {
        hint: 'POST /v2/repository/index lists the models that can be loaded.',
      });
    },
    async add(dir) {
      const { name } = await readServable(dir);
      extra.add(dir);
      return name;
    },
  };
}

async function read(dir: string): Promise<(RepositoryEntry | BrokenEntry)[]> {
  try {
    const { mtimeMs } = await stat(join(dir, PACKAGE_FILES.manifest));
    return [{ dir, manifest: await readServable(dir), changed: mtimeMs }];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return []; // a folder of something else, or a file
    return [{ name: basename(dir), dir, reason: (error as Error).message }];
  }
}

/** The manifest of a package that has what this tier serves. */
async function readServable(dir: string): Promise<Manifest> {
  const { manifest } = await readPackage(dir);
  if (manifest.files[PACKAGE_FILES.f32]) return manifest;
  const message = `The package ${manifest.name} has no ${PACKAGE_FILES.f32}.`;
  throw new HebbError('invalid_package', message, {
    hint: 'The GPU tier serves full precision: import or train the package again.',
  });
}
