/**
 * Results as a table for spreadsheets (RFC 4180).
 * @module
 */
import type { Line } from '@hebb/protocol/api/classification';

const HEAD = ['index', 'name', 'label', 'score', 'tier', 'precision', 'model', 'version'];
const TAIL = ['decode_ms', 'infer_ms', 'error', 'message'];

/** The classes of a line, best first; of a multi-label model those that it chose. */
const classesOf = (line: Line) => ('error' in line ? [] : (line.labels ?? line.predictions));

/** One row per line: the best class, then the others by score. */
export function toCsv(lines: readonly Line[]): string {
  const ranks = Math.max(1, ...lines.map((line) => classesOf(line).length));
  const others = Array.from({ length: ranks - 1 }, (_, i) => [`label_${i + 2}`, `score_${i + 2}`]);
  const rows = lines.map((line) => rowOf(line, ranks));
  return [[...HEAD, ...others.flat(), ...TAIL], ...rows]
    .map((row) => `${row.map(cell).join(',')}\r\n`)
    .join('');
}

function rowOf(line: Line, ranks: number): (string | number)[] {
  const { index = '', name = '' } = line;
  if ('error' in line) {
    const { code, message } = line.error;
    const empty = Array<string>(HEAD.length - 2 + 2 * (ranks - 1) + 2).fill('');
    return [index, name, ...empty, code, message];
  }
  const classes = classesOf(line);
  const { tier, model, timing } = line;
  const ranked = Array.from({ length: ranks }, (_, i) => {
    const { label = '', score = '' } = classes[i] ?? {};
    return [label, score];
  });
  return [
    ...[index, name, ...ranked[0]!, tier, model.precision, model.name, model.version],
    ...ranked.slice(1).flat(),
    ...[timing.decode_ms, timing.infer_ms, '', ''],
  ];
}

/** A text that a spreadsheet would run as a formula, such as a file name, gets an apostrophe (OWASP). */
function cell(value: string | number): string {
  const text =
    typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
