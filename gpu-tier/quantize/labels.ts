import type { Label } from '../../shared/model/index.ts';

/**
 * Finds the class that an image's folder or file name speaks of: by the label's id (`n01440764`) or
 * its name. Undefined for what is no class of the model.
 */
export function labelIndex(
  labels: readonly Label[],
): (name: string | undefined) => number | undefined {
  const byName = new Map<string, number>();
  for (const [index, { id, name }] of labels.entries()) {
    byName.set(name.toLowerCase(), index);
    if (id) byName.set(id.toLowerCase(), index);
  }
  return (name) => (name === undefined ? undefined : byName.get(name.toLowerCase()));
}
