/**
 * The table of errors as Markdown, from its source: when each fires stands in its comment.
 * @module
 */
import { ERRORS, type ErrorCode } from '../../shared/model/errors.ts';

const GROUP = /^ {2}\/\/ -- (.+) --$/;
const COMMENT = /^ {2}\/\*\* (.+) \*\/$/;
const CODE = /^ {2}(\w+): \{/;

/** @param source the text of shared/model/errors.ts */
export function errorTables(source: string): string {
  const sections: string[] = [];
  let rows: string[] = [];
  let when = '';
  for (const line of source.split('\n')) {
    const group = GROUP.exec(line)?.[1];
    if (group) {
      rows = [
        `### ${capital(group)}`,
        '',
        '| code | status | when | hint |',
        '| --- | --- | --- | --- |',
      ];
      sections.push('');
    }
    when = COMMENT.exec(line)?.[1] ?? when;
    const code = CODE.exec(line)?.[1] as ErrorCode | undefined;
    if (!code || !(code in ERRORS)) continue;
    const { status, hint } = ERRORS[code];
    rows.push(`| \`${code}\` | ${status} | ${when} | ${hint} |`);
    sections[sections.length - 1] = rows.join('\n');
  }
  return sections.join('\n\n');
}

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
