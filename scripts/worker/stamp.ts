/**
 * What takes seconds to build is kept until a source changes; a stamp beside it says what it was built
 * from.
 * @module
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

export interface Sources {
  /** Paths are told, and hashed, from here. */
  readonly root: string;
  /** All files below these, */
  readonly folders: readonly string[];
  /** that this is true of, */
  readonly wanted: (path: string) => boolean;
  /** and these. */
  readonly files: readonly string[];
}

/** What `build` gave when the sources were last as they are now; it is called if they never were. */
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
    return undefined; // none yet
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
