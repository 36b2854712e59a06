/**
 * The table of errors as Markdown, a section for each group.
 * @module
 */
import {
  ERROR_GROUPS,
  ERRORS,
  type ErrorCode,
  type ErrorRow,
} from '../../shared/model/error-table.ts';

const COLUMNS: Readonly<Record<string, (row: ErrorRow) => string>> = {
  status: ({ status }) => String(status ?? ''),
  exit: ({ exit }) => String(exit ?? ''),
  when: ({ when }) => when,
  hint: ({ hint }) => hint,
  'answered by': ({ routes }) =>
    typeof routes === 'object'
      ? routes.map((route) => `\`${route}\``).join(', ')
      : SETS[routes ?? 'none'],
};

const SETS = {
  all: 'all',
  keyed: 'all that need a key',
  line: 'lines of results',
  none: '',
};

export const errorTables = (): string =>
  Object.entries(ERROR_GROUPS)
    .map(([group, rows]) => `### ${group}\n\n${tableOf(Object.keys(rows) as ErrorCode[])}`)
    .join('\n\n');

/** Without the columns that would be empty. */
function tableOf(codes: readonly ErrorCode[]): string {
  const columns = Object.entries(COLUMNS).filter(([, cell]) =>
    codes.some((code) => cell(ERRORS[code])),
  );
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(['code', ...columns.map(([name]) => name)]),
    line(['---', ...columns.map(() => '---')]),
    ...codes.map((code) => line([`\`${code}\``, ...columns.map(([, cell]) => cell(ERRORS[code]))])),
  ].join('\n');
}
