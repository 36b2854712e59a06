/**
 * Caches builds until a source changes. A stamp file beside the build has the hash of its sources.
 * @module
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

export interface Sources {
  /** Root of the paths that are hashed. */
  readonly root: string;
  /** Folders, relative to the root, of which all files are sources… */
  readonly folders: readonly string[];
  /** …for which this returns true. */
  readonly wanted: (path: string) => boolean;
  /** Further source files. */
  readonly files: readonly string[];
}

/** The result of `build`, from the stamp if the sources have not changed since. */
export async function builtOnce<T extends object>(
  stamp: string,
  sources: Sources,
  build: () => Promise<T>,
): Promise<T> {
  const hash = await hashOf(sources);
  const known = await readStamp<T>(stamp);
  if (known?.sources === hash) return known.built;
  const built = await build();
  await writeFile(stamp, JSON.stringify({ sources: hash, built }));
  return built;
}

interface Stamp<T> {
  readonly sources: string;
  readonly built: T;
}

async function readStamp<T>(file: string): Promise<Stamp<T> | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Stamp<T>;
  } catch {
    return undefined; // not built yet
  }
}

async function hashOf({ root, folders, wanted, files }: Sources): Promise<string> {
  const found: string[] = [];
  for (const folder of folders) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map(pathOf);
    found.push(...paths.filter(wanted).sort());
  }
  const hash = createHash('sha256');
  for (const file of [...found, ...files]) {
    hash.update(relative(root, file)).update(await readFile(file));
  }
  return hash.digest('hex');
}

const pathOf = ({ parentPath, name }: { parentPath: string; name: string }) =>
  join(parentPath, name);
