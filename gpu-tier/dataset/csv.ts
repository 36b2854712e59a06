/**
 * Data sets listed in a CSV file (RFC 4180): path and label, perhaps the side, one image a line.
 * @module
 */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { HebbError } from '../../shared/model/errors.ts';
import { type FoundImage, type FoundImages, SIDES } from './found.ts';
import { mapLimited } from './limited.ts';

/** Two million lines of 128 characters. */
const MOST_BYTES = 256 * 2 ** 20;

interface Row {
  /** Counted from 1, as editors do. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** What the columns hold; without a heading they are path, label and, where there is a third, side. */
interface Columns {
  readonly path: number;
  readonly label: number;
  readonly side?: number | undefined;
}

const HEADINGS: Readonly<Record<string, keyof Columns>> = {
  path: 'path',
  file: 'path',
  filename: 'path',
  image: 'path',
  label: 'label',
  class: 'label',
  split: 'side',
  side: 'side',
};

/** Finds the images that a CSV file lists; paths are relative to the file. */
export async function findInCsv(path: string): Promise<FoundImages> {
  const { size } = await stat(path);
  if (size > MOST_BYTES) {
    const most = `${MOST_BYTES / 2 ** 20} MiB`;
    throw new HebbError('invalid_dataset', `${path} has ${size} bytes; at most ${most} are read.`);
  }
  const rows = parseCsv(await readFile(path, 'utf8'));
  const heading = rows[0] && headingOf(rows[0]);
  const columns = heading ?? {
    path: 0,
    label: 1,
    side: rows[0]?.cells[2] === undefined ? undefined : 2,
  };
  const lines = new Map<string, Row>();
  const images = await mapLimited(heading ? rows.slice(1) : rows, 64, async (row) => {
    const image = imageOf(row, columns, path);
    if (image) once(lines, image.path, row, path);
    const there = image && (await stat(image.path).catch(() => undefined));
    if (image && !there?.isFile()) {
      throw new HebbError('file_not_found', `${image.path}, ${where(row, path)}, is not there.`);
    }
    return image;
  });
  return { images: images.filter((image) => image !== undefined), emptyClasses: [] };
}

/** An image that is listed twice counts double at best, and has two labels at worst. */
function once(lines: Map<string, Row>, image: string, row: Row, csv: string): void {
  const other = lines.get(image);
  lines.set(image, row);
  if (!other) return;
  const message = `${image} is on line ${other.line} and on line ${row.line} of ${basename(csv)}.`;
  throw new HebbError('invalid_dataset', message, { hint: 'Remove one of the lines.' });
}

/** Undefined for a line of the test set. */
function imageOf(row: Row, columns: Columns, csv: string): FoundImage | undefined {
  const [file, className] = [row.cells[columns.path], row.cells[columns.label]?.trim()];
  if (!file || !className) {
    throw new HebbError('invalid_dataset', `${capital(where(row, csv))}, has no path and label.`);
  }
  const named = columns.side === undefined ? undefined : (row.cells[columns.side] ?? '').trim();
  const side = named === undefined ? undefined : SIDES[named.toLowerCase()];
  if (named !== undefined && !side) {
    const message = `${capital(where(row, csv))}, has the split "${named}".`;
    throw new HebbError('invalid_dataset', message, { hint: 'Use train, val or test.' });
  }
  if (side === 'ignored') return undefined;
  return { path: resolve(dirname(csv), file), className, ...(side && { side }) };
}

const where = ({ line }: Row, csv: string): string => `line ${line} of ${basename(csv)}`;
const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

/** The columns that a first line names, or undefined when it is no heading. */
function headingOf({ cells }: Row): Columns | undefined {
  const kinds = cells.map((cell) => HEADINGS[cell.trim().toLowerCase()]);
  const [path, label, side] = [
    kinds.indexOf('path'),
    kinds.indexOf('label'),
    kinds.indexOf('side'),
  ];
  if (path < 0 || label < 0) return undefined;
  return { path, label, side: side < 0 ? undefined : side };
}

/** Cells of a CSV text; quoted ones may hold commas, line breaks and doubled quotes. Skips empty lines. */
export function parseCsv(text: string): Row[] {
  const rows: Row[] = [];
  const token = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r?\n|\r|$)/y;
  let [line, start, cells]: [number, number, string[]] = [1, 1, []];
  token.lastIndex = text.startsWith('\uFEFF') ? 1 : 0;
  while (token.lastIndex < text.length || cells.length > 0) {
    const match = token.exec(text);
    if (!match) {
      throw new HebbError('invalid_dataset', `Line ${line} of the CSV file has a stray quote.`);
    }
    const [whole, quoted, plain, end] = match;
    cells.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
    line += whole.match(/\r\n|\n|\r/g)?.length ?? 0;
    if (end === ',') continue;
    if (cells.length > 1 || cells[0] !== '') rows.push({ line: start, cells });
    [start, cells] = [line, []];
  }
  return rows;
}
