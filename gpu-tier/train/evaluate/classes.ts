import { HebbError, type Label } from '@hebb/model';
import type { Example } from '../dataset/dataset.ts';
import { labelIndex } from '../quantize/labels.ts';

/** Names listed in a message; others are counted. */
const NAMED = 10;

/**
 * For each class of a data set the index of the package's label with that name or id. Throws
 * `unknown_class` for classes without a label.
 */
export function matchClasses(classes: readonly string[], labels: readonly Label[]): number[] {
  const indexOf = labelIndex(labels);
  const unknown = classes.filter((name) => indexOf(name) === undefined);
  if (unknown.length > 0) {
    const named = unknown.slice(0, NAMED).map((name) => JSON.stringify(name));
    const more = unknown.length > NAMED ? ` and ${unknown.length - NAMED} more` : '';
    const some = labels.slice(0, NAMED).map(({ name }) => JSON.stringify(name));
    throw new HebbError(
      'unknown_class',
      `The package has no label ${named.join(', ')}${more}; its labels are ${some.join(', ')}${labels.length > NAMED ? ', …' : ''}.`,
    );
  }
  return classes.map((name) => indexOf(name)!);
}

/** The examples with labels as indices of the package's labels. */
export function relabel<T extends Example>(
  examples: readonly T[],
  classes: readonly string[],
  labels: readonly Label[],
): T[] {
  const indices = matchClasses(classes, labels);
  return examples.map((example) => ({
    ...example,
    label: indices[example.label] ?? -1,
    ...(example.labels && {
      labels: example.labels.map((label) => indices[label]!).sort((a, b) => a - b),
    }),
  }));
}
