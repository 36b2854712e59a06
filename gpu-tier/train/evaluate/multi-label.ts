/**
 * Metrics of multi-label answers: each class is a question of its own. Pure functions of probabilities and
 * sets of labels; shares go from 0 to 1.
 * @module
 */
import { HebbError, type Label, thresholdOf } from '@hebb/model';
import type { Answers } from './answers.ts';

/** Answers on images that may show several classes, or none. */
export interface MultiLabelAnswers extends Answers {
  /** For each image the indices of the classes that it shows. */
  readonly sets: readonly (readonly number[])[];
}

export const isMultiLabel = (answers: Answers): answers is MultiLabelAnswers =>
  answers.sets !== undefined;

/** The scores of one class, and whether each image shows it. */
export interface ClassScores {
  /** float32 [images]. */
  readonly scores: Float32Array;
  readonly shows: readonly boolean[];
}

/** One column of the answers. */
export function scoresOf({ classes, probabilities, sets }: MultiLabelAnswers, label: number) {
  const scores = Float32Array.from(sets, (_, image) => probabilities[image * classes + label]!);
  return { scores, shows: sets.map((set) => set.includes(label)) };
}

/** A place in the ranking by score: images with equal scores have one place together. */
interface Cut {
  /** Images with this score or a higher one, and those of them that show the class. */
  readonly images: number;
  readonly right: number;
  readonly score: number;
  /** The next lower score; 0 after the last. */
  readonly next: number;
}

function cutsOf({ scores, shows }: ClassScores): Cut[] {
  const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!);
  const cuts: Cut[] = [];
  let right = 0;
  for (const [i, image] of order.entries()) {
    if (shows[image]) right++;
    const [score, next] = [scores[image]!, scores[order[i + 1] ?? -1] ?? 0];
    if (i + 1 === order.length || next < score) cuts.push({ images: i + 1, right, score, next });
  }
  return cuts;
}

const countOf = (shows: readonly boolean[]): number => shows.filter(Boolean).length;

/**
 * Average precision: the area under the curve of precision over recall, Σ (Rₙ − Rₙ₋₁) · Pₙ over the ranking
 * (without interpolation, as scikit-learn's `average_precision_score`). Undefined when no image shows the
 * class.
 */
export function averagePrecision(of: ClassScores): number | undefined {
  const positives = countOf(of.shows);
  if (positives === 0) return undefined;
  let [sum, before] = [0, 0];
  for (const { images, right } of cutsOf(of)) {
    sum += ((right - before) / positives) * (right / images);
    before = right;
  }
  return sum;
}

/** With fewer images of a class a threshold would follow chance. */
const FEWEST = 3;

/**
 * The threshold with the largest F1: between two neighbouring scores, in the middle; of equals the one
 * nearest to 0.5. Undefined with fewer than three images that show the class.
 */
export function bestThreshold(of: ClassScores): number | undefined {
  const positives = countOf(of.shows);
  if (positives < FEWEST) return undefined;
  const middle = ({ score, next }: Cut) => (score + next) / 2;
  const f1 = ({ images, right }: Cut) => (2 * right) / (images + positives);
  const best = cutsOf(of).reduce((a, b) => {
    if (f1(a) !== f1(b)) return f1(b) > f1(a) ? b : a;
    return Math.abs(middle(b) - 0.5) < Math.abs(middle(a) - 0.5) ? b : a;
  });
  const rounded = Number(middle(best).toPrecision(6));
  // Scores close to 1 differ in the seventh digit.
  return rounded > best.next && rounded <= best.score ? rounded : middle(best);
}

/** The labels with the thresholds that give the largest F1 on these answers. */
export function withThresholds(labels: readonly Label[], answers: MultiLabelAnswers): Label[] {
  return labels.map(({ threshold: _, ...label }, index) => {
    const threshold = bestThreshold(scoresOf(answers, index));
    return threshold === undefined ? label : { ...label, threshold };
  });
}

/** Mean average precision over the classes that some image shows; 0 without any. */
export function meanAveragePrecision(answers: MultiLabelAnswers): number {
  const each = averagePrecisions(answers).filter((value) => value !== undefined);
  return each.reduce((sum, value) => sum + value, 0) / Math.max(each.length, 1);
}

/** The average precision of each class. */
export const averagePrecisions = (answers: MultiLabelAnswers): (number | undefined)[] =>
  Array.from({ length: answers.classes }, (_, label) => averagePrecision(scoresOf(answers, label)));

/** Metrics of one class. */
export interface MultiLabelClass {
  readonly label: number;
  /** Images that show the class. */
  readonly images: number;
  readonly threshold: number;
  /** Undefined when no image shows the class. */
  readonly averagePrecision: number | undefined;
  /** At the threshold; undefined when no image is answered with the class, or shows it. */
  readonly precision: number | undefined;
  readonly recall: number | undefined;
  readonly f1: number | undefined;
}

/** An image with a wrong set of labels. */
export interface MultiLabelMistake {
  /** Index of the image. */
  readonly image: number;
  /** Classes that it shows but that stayed below their threshold. */
  readonly missed: readonly number[];
  /** Classes that reached their threshold but that it does not show. */
  readonly wrong: readonly number[];
  /** The largest distance of a wrong class's probability from 0, or of a missed one's from 1. */
  readonly error: number;
}

export interface MultiLabelMetrics {
  readonly images: number;
  readonly meanAveragePrecision: number;
  /** F1 over all decisions together. */
  readonly f1: number;
  /** Share of images whose set of labels is exactly right. */
  readonly exact: number;
  /** Mean over the images of the sum over the classes of the binary cross-entropy, nats. */
  readonly loss: number;
  readonly classes: readonly MultiLabelClass[];
  /** Wrong sets of labels, the largest errors first. */
  readonly mistakes: readonly MultiLabelMistake[];
}

/** The indices of the classes that reach their threshold. */
export function chosen(probabilities: Float32Array, labels: readonly Label[]): number[] {
  return labels.flatMap((label, index) =>
    probabilities[index]! >= thresholdOf(label) ? [index] : [],
  );
}

/** The probabilities of one image. */
export const rowOf = ({ probabilities, classes }: Answers, image: number): Float32Array =>
  probabilities.subarray(image * classes, (image + 1) * classes);

/** Smallest probability in the loss. */
const SMALLEST = 1e-12;

/** Sum over the classes of the binary cross-entropy, nats. */
export function binaryLoss(probabilities: Float32Array, set: readonly number[]): number {
  return probabilities.reduce((sum, p, index) => {
    const ofTruth = set.includes(index) ? p : 1 - p;
    return sum - Math.log(Math.max(ofTruth, SMALLEST));
  }, 0);
}

/**
 * Measures multi-label answers at the labels' thresholds. Throws `invalid_argument` when there are none,
 * and `invalid_package` when a probability is not finite.
 */
export function measureMultiLabel(
  answers: MultiLabelAnswers,
  labels: readonly Label[],
  mistakes = 24,
): MultiLabelMetrics {
  const { sets } = answers;
  if (sets.length === 0) {
    throw new HebbError('invalid_argument', 'There are no images to measure on.');
  }
  if (!answers.probabilities.every(Number.isFinite)) {
    throw new HebbError('invalid_package', 'The model’s probabilities are not finite.', {
      hint: 'Its weights are broken, or its training diverged: train or import it again.',
    });
  }
  const precisions = averagePrecisions(answers);
  const tallies = labels.map(() => ({ images: 0, answers: 0, right: 0 }));
  const wrong: MultiLabelMistake[] = [];
  let loss = 0;
  for (const [image, set] of sets.entries()) {
    const row = rowOf(answers, image);
    const answer = chosen(row, labels);
    loss += binaryLoss(row, set);
    for (const label of set) tallies[label]!.images++;
    for (const label of answer) {
      tallies[label]!.answers++;
      if (set.includes(label)) tallies[label]!.right++;
    }
    const missed = set.filter((label) => !answer.includes(label));
    const extra = answer.filter((label) => !set.includes(label));
    if (missed.length + extra.length === 0) continue;
    const error = Math.max(...missed.map((c) => 1 - row[c]!), ...extra.map((c) => row[c]!));
    wrong.push({ image, missed, wrong: extra, error });
  }
  const classes = tallies.map(
    ({ images, answers: given, right }, label): MultiLabelClass => ({
      label,
      images,
      threshold: thresholdOf(labels[label]!),
      averagePrecision: precisions[label],
      precision: given > 0 ? right / given : undefined,
      recall: images > 0 ? right / images : undefined,
      f1: images > 0 ? (2 * right) / (images + given) : undefined,
    }),
  );
  const total = (part: 'images' | 'answers' | 'right') =>
    tallies.reduce((sum, tally) => sum + tally[part], 0);
  return {
    images: sets.length,
    meanAveragePrecision: meanAveragePrecision(answers),
    f1: (2 * total('right')) / Math.max(total('images') + total('answers'), 1),
    exact: 1 - wrong.length / sets.length,
    loss: loss / sets.length,
    classes,
    mistakes: wrong.sort((a, b) => b.error - a.error || a.image - b.image).slice(0, mistakes),
  };
}

/** Labels in both sets as a share of those in either (Jaccard index); 1 for two empty sets. */
export function overlap(a: readonly number[], b: readonly number[]): number {
  const both = a.filter((label) => b.includes(label)).length;
  const either = a.length + b.length - both;
  return either === 0 ? 1 : both / either;
}

/**
 * Agreement of two answers: the mean overlap of their sets of labels. The share of equal sets would not do: of
 * eighty decisions for an image one is nearly always close to its threshold.
 */
export function agreementOf(
  a: MultiLabelAnswers,
  b: MultiLabelAnswers,
  labels: readonly Label[],
): number {
  const sum = a.sets.reduce(
    (all, _, image) =>
      all + overlap(chosen(rowOf(a, image), labels), chosen(rowOf(b, image), labels)),
    0,
  );
  return a.sets.length > 0 ? sum / a.sets.length : 1;
}
