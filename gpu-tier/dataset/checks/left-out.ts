/**
 * Findings about files that are left out, one for each reason.
 * @module
 */
import { countLeftOut, type LeftOut, leftOutText, losesImages } from '../left-out.ts';
import { type Finding, finding } from './finding.ts';

export function leftOutFindings(
  leftOut: readonly LeftOut[],
  shown: (path: string) => string,
): Finding[] {
  return [...countLeftOut(leftOut)].map(([reason, files]) => {
    const paths = files.map(({ path }) => path);
    const text = `${leftOutText(reason, files.length)} (${shown(paths[0]!)}${paths.length > 1 ? ', …' : ''})`;
    return finding(losesImages(reason) ? 'left_out' : 'other_files', text, paths);
  });
}
