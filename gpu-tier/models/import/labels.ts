import { HebbError } from '@hebb/model/errors';
import type { Label } from '@hebb/model/package/manifest';

/** A line with a WordNet synset, as in ImageNet's lists: `n01440764 tench, Tinca tinca`. */
const SYNSET = /^(n\d{8})[\s,]+(.+)$/;

/**
 * Parses a label file: one label per line in the order of the network's outputs, as `id name` with a WordNet
 * id, or as a name only. Throws `invalid_argument` for an empty line.
 */
export function parseLabels(text: string): Label[] {
  const lines = text
    .replace(/^\uFEFF/, '')
    .trimEnd()
    .split(/\r?\n/);
  return lines.map((line, i) => {
    const trimmed = line.trim();
    if (trimmed === '') {
      throw new HebbError('invalid_argument', `Line ${i + 1} of the labels is empty.`, {
        hint: 'Give one label per line, in the order of the outputs.',
      });
    }
    const [, id, name] = SYNSET.exec(trimmed) ?? [];
    return id && name ? { id, name } : { name: trimmed };
  });
}

/** Throws `invalid_argument` unless there is exactly one label per class. */
export function checkLabelCount(labels: readonly Label[], classes: number): void {
  if (labels.length === classes) return;
  throw new HebbError(
    'invalid_argument',
    `There are ${labels.length} labels for the network's ${classes} outputs.`,
    { hint: 'Give the label file that belongs to this model: one line per output, in order.' },
  );
}
