/**
 * Data sets listed in a CSV file (RFC 4180): path, label and optionally the side, one image per line.
 * Multi-label data have several labels in a cell, `cat|dog`, on several lines of an image, or a column of 0
 * and 1 for each class.
 * @module
 */
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { HebbError } from '@hebb/model/errors';
import { type Columns, readTable } from './csv-columns.ts';
import { decodeText, parseCsv, type Row, separatorOf } from './csv-text.ts';
import { type FoundImage, type FoundImages, SIDES, type Side } from './found.ts';
import { type LeftOut, type LeftOutReason, reasonOf } from './left-out.ts';
import { mapLimited } from './limited.ts';

/** Largest file, bytes: two million lines of 128 characters. */
const MOST_BYTES = 256 * 2 ** 20;

/** Name of the list in a folder that Hebb writes; the folder names the data set. */
export const LABELS_FILE = 'labels.csv';

/** Between the labels of a cell. Commas, semicolons and tabs separate the cells themselves. */
export const LABEL_SEPARATOR = '|';

/**
 * Finds the images that a CSV file lists; paths are relative to the file.
 * @param multiLabel whether an image may have several labels, or none; by default only where the columns
 *   show it: a column for each class, or a column `labels` in which a cell has several
 */
export async function findInCsv(path: string, multiLabel?: boolean): Promise<FoundImages> {
  const { size } = await stat(path);
  if (size > MOST_BYTES) {
    const most = `${MOST_BYTES / 2 ** 20} MiB`;
    throw new HebbError('invalid_dataset', `${path} has ${size} bytes; at most ${most} are read.`);
  }
  const text = decodeText(await readFile(path));
  const { columns, rows } = readTable(parseCsv(text, separatorOf(text)), basename(path), (file) =>
    existsSync(resolve(dirname(path), file)),
  );
  if (multiLabel ?? hasSeveralLabels(columns, rows)) return await findLabelled(path, columns, rows);
  const lines = new Map<string, Row>();
  const listed = await mapLimited(rows, 64, async (row): Promise<FoundImage | LeftOut> => {
    const { side, ...named } = imageOf(row, columns, path);
    if (side === 'ignored') return { path: named.path, reason: 'test' }; // the file may be missing
    const image = { ...named, path: await fileOf(named.path, row, path) };
    once(lines, image.path, row, path);
    const reason = formatOf(image.path);
    return reason ? { path: image.path, reason } : { ...image, ...(side && { side }) };
  });
  const found = listed.filter((entry) => 'className' in entry);
  const leftOut = listed.filter((entry) => 'reason' in entry);
  const filled = new Set(found.map(({ className }) => className));
  const empty = leftOut.length === 0 ? [] : rows.map((row) => row.cells[columns.label]!.trim());
  return {
    images: found,
    emptyClasses: [...new Set(empty)].filter((name) => !filled.has(name)),
    leftOut,
  };
}

const hasSeveralLabels = ({ classes, plural, label }: Columns, rows: readonly Row[]): boolean =>
  classes !== undefined ||
  (plural === true && rows.some(({ cells }) => cells[label]?.includes(LABEL_SEPARATOR)));

/** The images of multi-label data. The lines of an image are put together. */
async function findLabelled(
  csv: string,
  columns: Columns,
  rows: readonly Row[],
): Promise<FoundImages> {
  const images = new Map<string, { names: Set<string>; side: Side | undefined; row: Row }>();
  const leftOut = new Map<string, LeftOut>();
  const resolved = await mapLimited(rows, 64, async (row) => {
    const place = placeOf(row, columns, csv);
    // The files of a test set may be missing.
    return place.side === 'ignored'
      ? place
      : { ...place, path: await fileOf(place.path, row, csv) };
  });
  for (const [i, { path, side }] of resolved.entries()) {
    const row = rows[i]!;
    const reason = side === 'ignored' ? 'test' : formatOf(path);
    if (side === 'ignored' || reason) {
      leftOut.set(path, { path, reason: reason! });
      continue;
    }
    const known = images.get(path) ?? { names: new Set<string>(), side, row };
    if (known.side !== side) {
      const message = `${path} is in two splits, on line ${known.row.line} and on line ${row.line} of ${basename(csv)}.`;
      throw new HebbError('invalid_dataset', message);
    }
    for (const name of namesOf(row, columns)) known.names.add(name);
    images.set(path, known);
  }
  const found = [...images].map(([path, { names, side }]): FoundImage => {
    const classNames = [...names].sort();
    return { path, className: classNames[0] ?? '', classNames, ...(side && { side }) };
  });
  const filled = new Set(found.flatMap(({ classNames }) => classNames!));
  const empty = (columns.classes ?? []).map(({ name }) => name);
  return {
    images: found,
    emptyClasses: empty.filter((name) => !filled.has(name)),
    leftOut: [...leftOut.values()],
    multiLabel: true,
  };
}

/** The names of the classes in a row of multi-label data. */
function namesOf({ cells }: Row, { classes, label }: Columns): string[] {
  if (classes) {
    return classes.filter(({ column }) => cells[column]?.trim() === '1').map(({ name }) => name);
  }
  const names = (cells[label] ?? '').split(LABEL_SEPARATOR).map((name) => name.trim());
  return names.filter((name) => name !== '');
}

/** A known format that is not read. Any other listed file is tried, whatever its name. */
function formatOf(path: string): LeftOutReason | undefined {
  const reason = reasonOf(basename(path));
  return reason?.startsWith('format ') ? reason : undefined;
}

/**
 * The file of a row: as written, or with the path separators of Windows. Throws `file_not_found`.
 */
async function fileOf(path: string, row: Row, csv: string): Promise<string> {
  const isFile = async (candidate: string) =>
    (await stat(candidate).catch(() => undefined))?.isFile() ?? false;
  if (await isFile(path)) return path;
  const slashed = path.replaceAll('\\', '/');
  if (slashed !== path && (await isFile(slashed))) return slashed;
  const hint = 'Paths are relative to the folder of the CSV file, and have an extension.';
  throw new HebbError('file_not_found', `${path}, ${where(row, csv)}, does not exist.`, { hint });
}

/** Throws `invalid_dataset` for an image that is listed twice: it would count double or have two labels. */
function once(lines: Map<string, Row>, image: string, row: Row, csv: string): void {
  const other = lines.get(image);
  lines.set(image, row);
  if (!other) return;
  const message = `${image} is on line ${other.line} and on line ${row.line} of ${basename(csv)}.`;
  throw new HebbError('invalid_dataset', message, {
    hint: 'Remove one of the lines, or give --multi-label if the image has both labels.',
  });
}

interface ListedImage extends Omit<FoundImage, 'side'> {
  readonly side?: Side | 'ignored';
}

function imageOf(row: Row, columns: Columns, csv: string): ListedImage {
  const className = row.cells[columns.label]?.trim();
  if (!row.cells[columns.path]?.trim() || !className) {
    throw new HebbError('invalid_dataset', `${capital(where(row, csv))}, has no path and label.`, {
      hint: 'Complete or remove the line, or give --multi-label if images may have no label.',
    });
  }
  return { ...placeOf(row, columns, csv), className };
}

/** Path and side of a row. */
function placeOf(row: Row, columns: Columns, csv: string): Omit<ListedImage, 'className'> {
  const file = row.cells[columns.path]?.trim();
  if (!file) {
    throw new HebbError('invalid_dataset', `${capital(where(row, csv))}, has no path.`);
  }
  const named = columns.side === undefined ? undefined : (row.cells[columns.side] ?? '').trim();
  const side = named === undefined ? undefined : SIDES[named.toLowerCase()];
  if (named !== undefined && !side) {
    const message = `${capital(where(row, csv))}, has the split "${named}".`;
    throw new HebbError('invalid_dataset', message, { hint: 'Use train, val or test.' });
  }
  return { path: resolve(dirname(csv), file), ...(side && { side }) };
}

const where = ({ line }: Row, csv: string): string => `line ${line} of ${basename(csv)}`;
const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
