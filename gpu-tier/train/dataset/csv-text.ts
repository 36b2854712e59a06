/**
 * Parses the text of a CSV file (RFC 4180) from any program: Excel uses semicolons in locales with
 * decimal commas, and writes UTF-16 or a local encoding.
 * @module
 */
import { HebbError } from '@hebb/model/errors';

export interface Row {
  /** Counted from 1, as in editors. */
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Decodes UTF-8, or UTF-16 with a byte order mark. Other bytes are read as Windows-1252, which includes
 * the letters of Latin-1.
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

/** Lines that are examined to find the separator. */
const SAMPLE = 20;

/**
 * The separator with the largest count in every line, outside quotes: a comma in one label does not
 * win. The default is the comma.
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

/** Rows of a CSV text. Quoted cells may hold separators, line breaks and doubled quotes; empty lines are skipped. */
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
