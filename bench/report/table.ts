import type { Spread } from '../measure/statistics.ts';
import type { Outcome } from '../targets.ts';

/**
 * A Markdown table with aligned columns, which is readable in a terminal too. Columns from `numbersFrom` on
 * are aligned to the right.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbersFrom = head.length,
): string {
  const widths = head.map((cell, column) =>
    Math.max(3, cell.length, ...rows.map((row) => row[column]!.length)),
  );
  const pad = (cell: string, column: number) =>
    column < numbersFrom ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
  const line = (cells: readonly string[]) => `| ${cells.map(pad).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column < numbersFrom ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** `12.3 (11.9–13.0)`: the median, and the 10th and 90th percentile. */
export const range = ({ median, p10, p90 }: Spread, digits: number): string =>
  `${median.toFixed(digits)} (${p10.toFixed(digits)}–${p90.toFixed(digits)})`;

/** A table of targets and whether they were met. */
export function targetTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ what, target, measured, met }) => [
    what,
    target,
    measured ?? 'not measured',
    met === undefined ? '' : met ? 'met' : 'missed',
  ]);
  return table(['what', 'target', 'measured', ''], rows);
}
