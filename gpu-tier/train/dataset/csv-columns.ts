/**
 * Finds the columns of a CSV file by their headings, or by their content.
 * @module
 */

import { isImageName } from '@hebb/images/images';
import { HebbError } from '@hebb/model/errors';
import type { Row } from './csv-text.ts';

export interface Columns {
  readonly path: number;
  /** −1 where each class has a column. */
  readonly label: number;
  readonly side?: number | undefined;
  /** Whether the heading of `label` is a plural: `labels`, `tags`. */
  readonly plural?: boolean;
  /** Columns of 0 and 1, one for each class. */
  readonly classes?: readonly { readonly name: string; readonly column: number }[];
}

export interface Table {
  readonly columns: Columns;
  /** The rows without the heading. */
  readonly rows: readonly Row[];
}

/** Known headings, preferred ones first; lower case, without spaces, dashes and underscores. */
const HEADINGS: Readonly<Record<'path' | 'label' | 'side', readonly string[]>> = {
  path: [
    ...['path', 'file', 'filename', 'filepath', 'image', 'imagepath', 'imagefile', 'imagename'],
    ...['img', 'imgpath', 'imgname', 'imageid', 'picture', 'photo', 'relativepath'],
  ],
  label: [
    ...['label', 'class', 'classname', 'labelname', 'category', 'categoryname', 'target'],
    ...['species', 'tag', 'name', 'classid', 'labelid', 'categoryid', 'y'],
  ],
  side: ['split', 'side', 'set', 'subset', 'partition', 'dataset', 'usage', 'phase'],
};

/** Headings of a column of several labels. */
const PLURALS: readonly string[] = ['labels', 'classes', 'categories', 'tags', 'targets'];

const plain = (heading: string): string => heading.toLowerCase().replace(/[\s_-]/g, '');

/**
 * Finds the columns. A first line without an image name is a heading, unless it names an existing file.
 * Throws `invalid_dataset` when neither headings nor content identify the columns.
 * @param isThere whether a path of the file exists
 */
export function readTable(
  all: readonly Row[],
  csv: string,
  isThere: (path: string) => boolean,
): Table {
  const [first] = all;
  if (!first) return { columns: { path: 0, label: 1 }, rows: [] };
  const named = byHeading(first) ?? byClassColumns(all);
  if (named) return { columns: named, rows: all.slice(1) };
  const isImageRow = ({ cells }: Row) => cells.some((cell) => isImageName(cell.trim()));
  const hasHeading =
    all.length > 1 &&
    !isImageRow(first) &&
    isImageRow(all[1]!) &&
    !first.cells.some((cell) => cell.trim() !== '' && isThere(cell.trim()));
  const rows = hasHeading ? all.slice(1) : all;
  const columns = byContent(rows[0]!, hasHeading ? first : undefined);
  if (columns) return { columns, rows };
  const names = first.cells.map((cell) => JSON.stringify(cell.trim())).join(', ');
  throw new HebbError(
    'invalid_dataset',
    `${csv} does not say which columns hold path and label; its first line is ${names}.`,
    {
      hint: 'Name the columns in the first line: path, label and, if there is one, split. Columns of classes hold only 0 and 1.',
    },
  );
}

function byHeading({ cells }: Row): Columns | undefined {
  const names = cells.map(plain);
  const find = (headings: readonly string[]) =>
    headings.map((name) => names.indexOf(name)).find((index) => index >= 0);
  const [path, side] = [find(HEADINGS.path), find(HEADINGS.side)];
  const one = find(HEADINGS.label);
  const label = one ?? find(PLURALS);
  if (path === undefined || label === undefined) return undefined;
  return { path, label, side, plural: one === undefined };
}

/** A path, perhaps a side, and at least two other columns that hold only 0 and 1: one for each class. */
function byClassColumns([first, ...rows]: readonly Row[]): Columns | undefined {
  const names = first!.cells.map(plain);
  const find = (kind: 'path' | 'side') => names.findIndex((name) => HEADINGS[kind].includes(name));
  const [path, side] = [find('path'), find('side')];
  const classes = first!.cells
    .map((name, column) => ({ name: name.trim(), column }))
    .filter(({ name, column }) => column !== path && column !== side && name !== '');
  const isMark = (cell: string | undefined) => /^\s*[01]\s*$/.test(cell ?? '');
  const areMarks = rows.every(({ cells }) => classes.every(({ column }) => isMark(cells[column])));
  if (path < 0 || classes.length < 2 || rows.length === 0 || !areMarks) return undefined;
  return { path, label: -1, ...(side < 0 ? {} : { side }), classes };
}

/** Without known headings: path, label and perhaps side; path and label may be swapped. */
function byContent({ cells }: Row, heading: Row | undefined): Columns | undefined {
  const paths = cells.flatMap((cell, index) => (isImageName(cell.trim()) ? [index] : []));
  if (heading) {
    // With unknown headings only two columns are unambiguous.
    if (cells.length !== 2 || paths.length !== 1) return undefined;
    return { path: paths[0]!, label: 1 - paths[0]! };
  }
  if (cells.length < 2 || cells.length > 3) return undefined;
  const swapped = paths.length === 1 && paths[0] === 1;
  return {
    path: swapped ? 1 : 0,
    label: swapped ? 0 : 1,
    side: cells.length === 3 ? 2 : undefined,
  };
}
