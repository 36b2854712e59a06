/**
 * Findings about copies: files with the same bytes.
 * @module
 */
import { type Finding, finding } from './finding.ts';
import type { InspectedImage } from './inspect.ts';

/** One finding per picture that is there more than once. Files that do not decode are left out. */
export function duplicateFindings(
  images: readonly InspectedImage[],
  shown: (path: string) => string,
): Finding[] {
  const sound = images.filter(({ sha256, problem }) => sha256 && !problem);
  return [...Map.groupBy(sound, ({ sha256 }) => sha256).values()]
    .filter((copies) => copies.length > 1)
    .map((copies) => copyFinding(copies, shown));
}

function copyFinding(copies: readonly InspectedImage[], shown: (path: string) => string): Finding {
  const paths = copies.map(({ path }) => path);
  const names = paths.map(shown).join(' = ');
  if (new Set(copies.map(({ className }) => className)).size > 1) {
    return finding('contradiction', names, paths, paths);
  }
  const validated = copies.filter(({ side }) => side === 'val').map(({ path }) => path);
  if (validated.length > 0 && validated.length < paths.length) {
    const [kept] = validated;
    return finding(
      'leak',
      names,
      paths,
      paths.filter((path) => path !== kept),
    );
  }
  return finding('duplicate', names, paths, paths.slice(1));
}
