import { HebbError } from '../../shared/model/errors.ts';
import type { Label } from '../../shared/model/package/manifest.ts';

/** A WordNet synset at the start of a line, as in ImageNet's lists: `n01440764 tench, Tinca tinca`. */
const SYNSET = /^(n\d{8})[\s,]+(.+)$/;

/**
 * Reads a file of labels, one per line in the order of the network's outputs: `id name` with a
 * WordNet id, or names alone. Throws `invalid_argument` when a line in between is empty.
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

/** Throws `invalid_argument` unless there is one label for each of the network's outputs. */
export function checkLabelCount(labels: readonly Label[], classes: number): void {
  if (labels.length === classes) return;
  throw new HebbError(
    'invalid_argument',
    `There are ${labels.length} labels for the network's ${classes} outputs.`,
    { hint: 'Give the label file that belongs to this model: one line per output, in order.' },
  );
}
