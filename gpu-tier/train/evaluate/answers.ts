/**
 * Answers of a network on labelled images.
 * @module
 */

/** Labels and probabilities of n images. */
export interface Answers {
  readonly classes: number;
  /** int32 [n]: the correct class of each image. */
  readonly labels: Int32Array;
  /** float32 [n, classes]; after softmax each row sums to 1. */
  readonly probabilities: Float32Array;
  /** Of multi-label data, for each image the classes that it shows; see `multi-label.ts`. */
  readonly sets?: readonly (readonly number[])[];
}

/** The class with the highest probability; the lower index where two are equal. */
export function topAnswer({ classes, probabilities }: Answers, image: number): number {
  const at = image * classes;
  let best = 0;
  for (let c = 1; c < classes; c++) {
    if (probabilities[at + c]! > probabilities[at + best]!) best = c;
  }
  return best;
}

/** Number of classes ranked before the correct one; 0 when it is the answer. Ties as in `topAnswer`. */
export function rankOfLabel({ classes, labels, probabilities }: Answers, image: number): number {
  const at = image * classes;
  const label = labels[image]!;
  const own = probabilities[at + label]!;
  let before = 0;
  for (let c = 0; c < classes; c++) {
    const p = probabilities[at + c]!;
    if (p > own || (p === own && c < label)) before++;
  }
  return before;
}

/** The probability of class `label` for an image. */
export const probabilityOf = (answers: Answers, image: number, label: number): number =>
  answers.probabilities[image * answers.classes + label]!;
