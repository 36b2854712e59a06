interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/** Pads cells to the width of their column; two spaces separate columns. */
export function layOut(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const all = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, c) => Math.max(...all.map((row) => row[c]?.length ?? 0)));
  return all.map((row) =>
    columns
      .map(({ align }, c) => {
        const cell = row[c] ?? '';
        return align === 'left' ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!);
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Breaks text into lines of at most `width`. `first` begins the first line, `rest` the others. */
export function wrap(text: string, width: number, first = '', rest = first): string {
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(' ')) {
    const empty = line === first || line === rest;
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = rest + word;
    } else {
      line += empty ? word : ` ${word}`;
    }
  }
  return [...lines, line].join('\n');
}

/** `6,998,552` */
export const count = (n: number): string => n.toLocaleString('en-US');

/** `128.05` for 128,049,152 with two digits. */
export const millions = (n: number, digits: number): string =>
  (n / 1e6).toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
