/**
 * Whether several engines say the same of an image.
 * @module
 */

export interface Answered {
  /** "the edge" */
  readonly who: string;
  /** Of every class: softmax probability, by index. */
  readonly scores: readonly number[];
}

export interface Agreement {
  /** Whether all have the same best class. */
  readonly same: boolean;
  /** The best class of each, as an index, in the order of the answers. */
  readonly best: readonly number[];
  /** The largest difference of two scores of one class, and which that is. */
  readonly largest: { readonly difference: number; readonly index: number };
}

/** Of at least two answers with as many scores each. */
export function agreement(answers: readonly Answered[]): Agreement {
  const best = answers.map(({ scores }) => scores.indexOf(Math.max(...scores)));
  let largest = { difference: 0, index: best[0]! };
  for (const index of answers[0]!.scores.keys()) {
    const all = answers.map(({ scores }) => scores[index]!);
    const difference = Math.max(...all) - Math.min(...all);
    if (difference > largest.difference) largest = { difference, index };
  }
  return { same: new Set(best).size === 1, best, largest };
}
