import { type Answers, topAnswer } from './answers.ts';

/** Number of images of one class that got one answer. */
export interface ConfusionCell {
  readonly label: number;
  readonly answer: number;
  readonly count: number;
}

/**
 * The non-zero cells of the confusion matrix, largest first. With 1000 classes nearly all of the million
 * cells are 0.
 */
export function confusionCells(answers: Answers): ConfusionCell[] {
  const counts = new Map<number, number>();
  for (const [image, label] of answers.labels.entries()) {
    const key = label * answers.classes + topAnswer(answers, image);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts]
    .map(([key, count]) => ({
      label: Math.floor(key / answers.classes),
      answer: key % answers.classes,
      count,
    }))
    .sort((a, b) => b.count - a.count || a.label - b.label || a.answer - b.answer);
}

/** Metrics of one class; shares from 0 to 1. */
export interface ClassMetrics {
  readonly label: number;
  /** Images of this class. */
  readonly images: number;
  /** Share of correct answers among answers of this class; undefined without any. */
  readonly precision: number | undefined;
  /** Share of this class's images that got this answer; undefined without images. */
  readonly recall: number | undefined;
  /** Harmonic mean of both; undefined without images. */
  readonly f1: number | undefined;
}

/** Metrics of every class that occurs as label or as answer, in the order of the classes. */
export function classMetrics(cells: readonly ConfusionCell[]): ClassMetrics[] {
  const tallies = new Map<number, { images: number; answers: number; right: number }>();
  const tally = (label: number) => {
    const known = tallies.get(label) ?? { images: 0, answers: 0, right: 0 };
    tallies.set(label, known);
    return known;
  };
  for (const { label, answer, count } of cells) {
    tally(label).images += count;
    tally(answer).answers += count;
    if (label === answer) tally(label).right += count;
  }
  return [...tallies]
    .sort(([a], [b]) => a - b)
    .map(([label, { images, answers, right }]) => ({
      label,
      images,
      precision: answers > 0 ? right / answers : undefined,
      recall: images > 0 ? right / images : undefined,
      f1: images > 0 ? (2 * right) / (images + answers) : undefined,
    }));
}

/** Mean recall over the classes that have images; 0 without images. */
export function meanRecall(classes: readonly ClassMetrics[]): number {
  const known = classes.flatMap(({ recall }) => (recall === undefined ? [] : [recall]));
  return known.reduce((sum, recall) => sum + recall, 0) / Math.max(known.length, 1);
}

/** Most classes that are marked as the worst. */
const MOST_WORST = 3;

/**
 * The classes with the lowest recall: up to three, a quarter of the classes at most, and only such as are
 * below the mean.
 */
export function worstClasses(classes: readonly ClassMetrics[]): ReadonlySet<number> {
  const mean = meanRecall(classes);
  const known = classes.filter(({ recall }) => recall !== undefined);
  const most = Math.min(MOST_WORST, Math.max(1, Math.floor(known.length / 4)));
  const worst = known
    .filter(({ recall }) => recall! < mean - 1e-9)
    .sort((a, b) => a.recall! - b.recall! || a.label - b.label)
    .slice(0, most);
  return new Set(worst.map(({ label }) => label));
}
