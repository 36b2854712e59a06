/**
 * The findings of a data set's checks as text.
 * @module
 */
import { groupBy } from '@hebb/model/node20';
import {
  type Finding,
  type FindingKind,
  KINDS,
  type Severity,
} from '@hebb/train/dataset/checks/finding';
import { count } from './text.ts';

const MARKS: Readonly<Record<Severity, string>> = { error: '✗', warning: '!', note: '–' };

/** Findings of one kind that are printed; the others are counted. */
const MOST_LINES = 10;

/**
 * Findings under a heading for each kind; empty when there are none.
 * @param offerFix whether to add what --fix would do
 */
export function findingsText(findings: readonly Finding[], offerFix: boolean): string {
  return [...groupBy(findings, ({ kind }) => kind)]
    .map(([kind, found]) => section(kind, found, offerFix))
    .join('');
}

function section(kind: FindingKind, found: readonly Finding[], offerFix: boolean): string {
  const { severity, title, fix } = { fix: undefined, ...KINDS[kind] };
  const lines = found.slice(0, MOST_LINES).map(({ message }) => `    ${message}\n`);
  const more = found.length - lines.length;
  return [
    `${MARKS[severity]} ${title}: ${count(found.length)}\n`,
    ...lines,
    ...(more > 0 ? [`    and ${count(more)} more\n`] : []),
    ...(fix && offerFix ? [`    → --fix ${fix}\n`] : []),
  ].join('');
}
