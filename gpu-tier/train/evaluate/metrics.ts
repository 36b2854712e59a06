/**
 * Metrics of answers: pure functions of probabilities and labels. Shares go from 0 to 1.
 * @module
 */
import { HebbError } from '@hebb/model';
import { type Answers, probabilityOf, rankOfLabel, topAnswer } from './answers.ts';
import { type Calibration, calibration, crossFit } from './calibration.ts';
import {
  type ClassMetrics,
  type ConfusionCell,
  classMetrics,
  confusionCells,
  meanRecall,
} from './confusion.ts';

/** An image with a wrong answer. */
interface Mistake {
  /** Index of the image. */
  readonly image: number;
  readonly label: number;
  readonly answer: number;
  /** Probability of the answer. */
  readonly confidence: number;
  /** Probability of the correct class. */
  readonly ofLabel: number;
}

export interface Metrics {
  readonly images: number;
  /** Share of images whose correct class is the answer, or among the first five. */
  readonly top1: number;
  readonly top5: number;
  /** Mean of the classes' recalls: accuracy as if all classes had equally many images. */
  readonly recall: number;
  /** 95 % confidence interval of `top1`. */
  readonly interval: readonly [low: number, high: number];
  /** Mean cross-entropy, nats. */
  readonly loss: number;
  readonly calibration: Calibration;
  /** What a temperature improves; the answers themselves, and so top-1 and top-5, stay as they are. */
  readonly withTemperature: {
    /** Of each half of the images, fitted on the other half; see `crossFit`. */
    readonly temperatures: readonly [number, number];
    readonly loss: number;
    /** Expected calibration error. */
    readonly error: number;
  };
  readonly classes: readonly ClassMetrics[];
  /** Non-zero cells of the confusion matrix, largest first. */
  readonly confusion: readonly ConfusionCell[];
  /** Wrong answers, the most confident first. */
  readonly mistakes: readonly Mistake[];
}

/** Smallest probability in the loss: float32's smallest normal number. */
const SMALLEST = 2 ** -126;

interface MeasureOptions {
  /** Largest number of mistakes to list. */
  readonly mistakes?: number;
  /** Bins of the calibration. */
  readonly bins?: number;
}

/**
 * Measures answers. Throws `invalid_argument` when there are none, and `invalid_package` when a
 * probability is not finite.
 * @example
 * const { top1, interval } = measure(answers);
 */
export function measure(
  answers: Answers,
  { mistakes = 24, bins = 10 }: MeasureOptions = {},
): Metrics {
  const images = answers.labels.length;
  if (images === 0) throw new HebbError('invalid_argument', 'There are no images to measure on.');
  if (!answers.probabilities.every(Number.isFinite)) {
    throw new HebbError('invalid_package', 'The model’s probabilities are not finite.', {
      hint: 'Its weights are broken, or its training diverged: train or import it again.',
    });
  }
  let [top1, top5] = [0, 0];
  for (let image = 0; image < images; image++) {
    const rank = rankOfLabel(answers, image);
    if (rank < 1) top1++;
    if (rank < 5) top5++;
  }
  const fitted = crossFit(answers);
  const confusion = confusionCells(answers);
  const classes = classMetrics(confusion);
  return {
    images,
    top1: top1 / images,
    top5: top5 / images,
    recall: meanRecall(classes),
    interval: wilsonInterval(top1, images),
    loss: lossOf(answers),
    calibration: calibration(answers, bins),
    withTemperature: {
      temperatures: fitted.temperatures,
      loss: lossOf(fitted.answers),
      error: calibration(fitted.answers, bins).error,
    },
    classes,
    confusion,
    mistakes: worstMistakes(answers, mistakes),
  };
}

/** Mean cross-entropy, nats. */
function lossOf(answers: Answers): number {
  const { labels } = answers;
  let sum = 0;
  for (const [image, label] of labels.entries()) {
    sum -= Math.log(Math.max(SMALLEST, probabilityOf(answers, image, label)));
  }
  return sum / labels.length;
}

/** The wrong answers with the highest confidence, at most `count`. */
function worstMistakes(answers: Answers, count: number): Mistake[] {
  const wrong: Mistake[] = [];
  for (const [image, label] of answers.labels.entries()) {
    const answer = topAnswer(answers, image);
    if (answer === label) continue;
    wrong.push({
      image,
      label,
      answer,
      confidence: probabilityOf(answers, image, answer),
      ofLabel: probabilityOf(answers, image, label),
    });
  }
  return wrong.sort((a, b) => b.confidence - a.confidence || a.image - b.image).slice(0, count);
}

/** 97.5 % quantile of the normal distribution. */
const Z = 1.959964;

/**
 * Wilson's 95 % confidence interval of a share. Unlike the normal approximation it stays within 0 and 1
 * and holds for small samples (Wilson 1927).
 */
export function wilsonInterval(successes: number, trials: number): [low: number, high: number] {
  const p = successes / trials;
  const z2 = Z ** 2 / trials;
  const middle = p + z2 / 2;
  const reach = Z * Math.sqrt((p * (1 - p) + z2 / 4) / trials);
  return [Math.max(0, (middle - reach) / (1 + z2)), Math.min(1, (middle + reach) / (1 + z2))];
}
