/**
 * Moves bad files out of a data set, as found by its checks. Nothing is deleted.
 * @module
 */
import { appendFile, copyFile, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { findInCsv, LABEL_SEPARATOR } from '../csv.ts';
import { classNamesOf } from '../found.ts';
import { type Finding, type FindingKind, KINDS } from './finding.ts';

export interface Fixed {
  /** The data set without the bad images: the same folder, or a new CSV file. */
  readonly source: string;
  /** Absolute paths of the images that were removed from it. */
  readonly removed: readonly string[];
  /** Folder of the moved files; undefined for a CSV file, whose images are not moved. */
  readonly quarantine?: string;
}

/**
 * For a folder: moves files to `<folder>-quarantine/<kind>/…` beside it; `moved.csv` there records their
 * original paths. For a CSV file: writes `<name>.fixed.csv` beside it, without their lines.
 */
export async function fixDataset(
  source: string,
  findings: readonly Finding[],
  multiLabel?: boolean,
): Promise<Fixed> {
  const path = resolve(source);
  const removals = removalsOf(findings);
  if ((await stat(path)).isFile()) return shortenCsv(path, removals, multiLabel);
  const quarantine = `${path}-quarantine`;
  for (const [file, kind] of removals) {
    const to = await freePath(join(quarantine, kind, relative(path, file)));
    await move(file, to);
    const note = [relative(path, file), relative(quarantine, to), kind].map(cell).join(',');
    await appendFile(join(quarantine, 'moved.csv'), `${note}\n`);
  }
  const removed = [...removals.keys()];
  return { source: path, removed, ...(removed.length > 0 && { quarantine }) };
}

/** Each file once, with its most severe kind. */
function removalsOf(findings: readonly Finding[]): Map<string, FindingKind> {
  const removals = new Map<string, FindingKind>();
  for (const kind of Object.keys(KINDS) as FindingKind[]) {
    for (const { removes } of findings.filter((finding) => finding.kind === kind)) {
      for (const path of removes) if (!removals.has(path)) removals.set(path, kind);
    }
  }
  return removals;
}

async function shortenCsv(
  path: string,
  removals: ReadonlyMap<string, unknown>,
  multiLabel: boolean | undefined,
): Promise<Fixed> {
  if (removals.size === 0) return { source: path, removed: [] };
  const { images, multiLabel: several } = await findInCsv(path, multiLabel);
  const classes = [...new Set(images.flatMap(classNamesOf))].sort();
  // A name that holds the separator would fall apart in a cell of several labels.
  const columns = several && classes.some((name) => name.includes(LABEL_SEPARATOR));
  const heading = columns ? classes : [several ? 'labels' : 'label'];
  const labels = (names: readonly string[]) =>
    columns
      ? classes.map((name) => (names.includes(name) ? '1' : '0'))
      : [names.join(LABEL_SEPARATOR)];
  const split = images.some(({ side }) => side);
  const rows = images
    .filter((image) => !removals.has(image.path))
    .map((image) => [
      relative(dirname(path), image.path),
      ...labels(classNamesOf(image)),
      ...(split ? [image.side ?? 'train'] : []),
    ]);
  const lines = [['path', ...heading, ...(split ? ['split'] : [])], ...rows].map((row) =>
    row.map(cell).join(','),
  );
  const extension = extname(path);
  const fixed = join(dirname(path), `${basename(path, extension)}.fixed${extension}`);
  await writeFile(fixed, `${lines.join('\n')}\n`);
  return { source: fixed, removed: [...removals.keys()] };
}

const cell = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** The path, or the first free one of `name-2.jpg`, `name-3.jpg`, … */
async function freePath(path: string): Promise<string> {
  const extension = extname(path);
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? path : `${path.slice(0, -extension.length)}-${n}${extension}`;
    if (!(await stat(candidate).catch(() => undefined))) return candidate;
  }
}

/** Moves a file, also across file systems, as when the data set is a mount. */
async function move(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    await copyFile(from, to);
    await rm(from);
  }
}
