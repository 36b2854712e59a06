/**
 * The model packages that can be served: those in a folder, and those that were added by path.
 * @module
 */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HebbError, isPackageName, type Manifest, PACKAGE_FILES } from '@hebb/model';
import { readPackage } from '@hebb/packages/folder';

export interface RepositoryEntry {
  readonly dir: string;
  readonly manifest: Manifest;
  /** When the manifest was last written, ms since 1970. */
  readonly changed: number;
}

/** A folder that has a manifest but cannot be served. */
export interface BrokenEntry {
  /** Name of the folder, since the manifest may be unreadable. */
  readonly name: string;
  readonly dir: string;
  readonly reason: string;
}

export interface Repository {
  /** Packages with full-precision weights, newest first. */
  list(): Promise<RepositoryEntry[]>;
  /** Packages that `list` omits, with the reason. Folders without a manifest are ignored. */
  broken(): Promise<BrokenEntry[]>;
  /** The package with this name, and optionally this version. Throws `model_not_found`. */
  find(name: string, version?: string): Promise<RepositoryEntry>;
  /** Adds the folder of a package and returns the package's name. */
  add(dir: string): Promise<string>;
}

/** A repository of the packages directly in `folder`. */
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
      // Added folders take precedence over those in the repository.
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
    if (code === 'ENOENT' || code === 'ENOTDIR') return []; // not a package
    return [{ name: basename(dir), dir, reason: (error as Error).message }];
  }
}

/** The manifest of a package with full-precision weights; throws for other packages. */
async function readServable(dir: string): Promise<Manifest> {
  const { manifest } = await readPackage(dir);
  if (manifest.files[PACKAGE_FILES.f32]) return manifest;
  const message = `The package ${manifest.name} has no ${PACKAGE_FILES.f32}.`;
  throw new HebbError('invalid_package', message, {
    hint: 'The GPU tier serves full precision: import or train the package again.',
  });
}
