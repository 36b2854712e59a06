import type { Label } from '@hebb/model';

/**
 * Maps the name of an image's folder or the synset in its file name to the index of the label with that
 * id (`n01440764`) or name, in any case; undefined without such a label.
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
