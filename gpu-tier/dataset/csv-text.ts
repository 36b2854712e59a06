/**
 * The text of a CSV file as rows of cells (RFC 4180), whatever wrote it: Excel separates by semicolons
 * where the comma is for decimals, and writes UTF-16 or the encoding of the country.
 * @module
 */
import { HebbError } from '../../shared/model/errors.ts';

export interface Row {
  /** Counted from 1, as editors do. */
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * UTF-8, or UTF-16 that says so with a byte order mark; what is no UTF-8 is taken for Windows-1252,
 * which has Latin-1's letters.
 */
export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

const SEPARATORS = [',', ';', '\t'] as const;
export type Separator = (typeof SEPARATORS)[number];

/** Lines that are looked at for the separator. */
const SAMPLE = 20;

/**
 * The separator that every line has most of, outside quotes: a comma in one label does not make it
 * the separator of all. The comma where there is none.
 */
export function separatorOf(text: string): Separator {
  const lines =
    text
      .replace(/"[^"]*"/g, '')
      .match(/[^\r\n]+/g)
      ?.slice(0, SAMPLE) ?? [];
  const least = (separator: string) =>
    Math.min(...lines.map((line) => line.split(separator).length - 1));
  return SEPARATORS.reduce((best, other) => (least(other) > least(best) ? other : best));
}

/** Cells of a CSV text; quoted ones may hold separators, line breaks and doubled quotes. Skips empty lines. */
export function parseCsv(text: string, separator: Separator = ','): Row[] {
  const rows: Row[] = [];
  const token = new RegExp(
    `(?:"([^"]*(?:""[^"]*)*)"|([^"${separator}\\r\\n]*))(${separator}|\\r?\\n|\\r|$)`,
    'y',
  );
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
    if (end === separator) continue;
    if (cells.length > 1 || cells[0] !== '') rows.push({ line: start, cells });
    [start, cells] = [line, []];
  }
  return rows;
}
