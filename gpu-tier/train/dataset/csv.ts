/**
 * Data sets listed in a CSV file (RFC 4180): path, label and optionally the side, one image per line.
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

/** Finds the images that a CSV file lists; paths are relative to the file. */
export async function findInCsv(path: string): Promise<FoundImages> {
  const { size } = await stat(path);
  if (size > MOST_BYTES) {
    const most = `${MOST_BYTES / 2 ** 20} MiB`;
    throw new HebbError('invalid_dataset', `${path} has ${size} bytes; at most ${most} are read.`);
  }
  const text = decodeText(await readFile(path));
  const { columns, rows } = readTable(parseCsv(text, separatorOf(text)), basename(path), (file) =>
    existsSync(resolve(dirname(path), file)),
  );
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
  throw new HebbError('invalid_dataset', message, { hint: 'Remove one of the lines.' });
}

interface ListedImage extends Omit<FoundImage, 'side'> {
  readonly side?: Side | 'ignored';
}

function imageOf(row: Row, columns: Columns, csv: string): ListedImage {
  const [file, className] = [row.cells[columns.path]?.trim(), row.cells[columns.label]?.trim()];
  if (!file || !className) {
    throw new HebbError('invalid_dataset', `${capital(where(row, csv))}, has no path and label.`);
  }
  const named = columns.side === undefined ? undefined : (row.cells[columns.side] ?? '').trim();
  const side = named === undefined ? undefined : SIDES[named.toLowerCase()];
  if (named !== undefined && !side) {
    const message = `${capital(where(row, csv))}, has the split "${named}".`;
    throw new HebbError('invalid_dataset', message, { hint: 'Use train, val or test.' });
  }
  return { path: resolve(dirname(csv), file), className, ...(side && { side }) };
}

const where = ({ line }: Row, csv: string): string => `line ${line} of ${basename(csv)}`;
const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
