/**
 * Model packages that could be served: those in a folder, and those named at start.
 * @module
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
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

export interface Repository {
  /** Packages with full-precision weights, newest first. Broken folders are left out. */
  list(): Promise<RepositoryEntry[]>;
  /** The package of that name, and of that version if one is given. Throws `model_not_found`. */
  find(name: string, version?: string): Promise<RepositoryEntry>;
  /** Adds a package's folder, wherever it lies, and returns the package's name. */
  add(dir: string): Promise<string>;
}

/** The repository of the packages one level below `folder`. */
export function createRepository(folder: string): Repository {
  const extra = new Set<string>();

  async function list(): Promise<RepositoryEntry[]> {
    const names = await readdir(folder).catch(() => []);
    const dirs = [...extra, ...names.map((name) => join(folder, name))];
    const found = await Promise.all([...new Set(dirs)].map((dir) => read(dir).catch(() => [])));
    return found.flat().sort((a, b) => b.changed - a.changed);
  }
  return {
    list,
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
      const { manifest } = await readPackage(dir);
      if (!manifest.files[PACKAGE_FILES.f32]) {
        const message = `The package ${manifest.name} has no ${PACKAGE_FILES.f32}.`;
        throw new HebbError('invalid_package', message, {
          hint: 'The GPU tier serves full precision: import or train the package again.',
        });
      }
      extra.add(dir);
      return manifest.name;
    },
  };
}

async function read(dir: string): Promise<RepositoryEntry[]> {
  const { mtimeMs } = await stat(join(dir, PACKAGE_FILES.manifest));
  const { manifest } = await readPackage(dir);
  if (!manifest.files[PACKAGE_FILES.f32]) return [];
  return [{ dir, manifest, changed: mtimeMs }];
}
