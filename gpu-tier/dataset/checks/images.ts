/**
 * Findings about single images.
 * @module
 */
import { type Finding, finding } from './finding.ts';
import type { InspectedImage } from './inspect.ts';

/** Below this an image is enlarged three times and more at the smallest size trained at (96 px). */
const TINY_SIDE = 32;

/** @param shown how a path is shown */
export function imageFindings(
  images: readonly InspectedImage[],
  shown: (path: string) => string,
): Finding[] {
  return images.flatMap(({ path, problem, shorterSide }) => {
    if (problem) return [finding('unreadable', `${shown(path)}: ${problem}`, [path], [path])];
    const findings: Finding[] = [];
    if (shorterSide !== undefined && shorterSide < TINY_SIDE) {
      findings.push(finding('tiny_image', `${shown(path)}: ${shorterSide} pixels`, [path]));
    }
    return findings;
  });
}
