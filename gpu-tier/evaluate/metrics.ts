/**
 * How good answers are: pure functions of probabilities and labels. Shares go from 0 to 1.
 * @module
 */
import { HebbError } from '../../shared/model/index.ts';
import { type Answers, probabilityOf, rankOfLabel, topAnswer } from './answers.ts';
import { type Calibration, calibration } from './calibration.ts';
import {
  type ClassMetrics,
  type ConfusionCell,
  classMetrics,
  confusionCells,
} from './confusion.ts';

/** An image that was answered wrongly. */
interface Mistake {
  /** Index of the image. */
  readonly image: number;
  readonly label: number;
  readonly answer: number;
  /** Probability of the answer. */
  readonly confidence: number;
  /** Probability of the right class. */
  readonly ofLabel: number;
}

export interface Metrics {
  readonly images: number;
  /** Share of images whose right class is the answer, and is among the first five. */
  readonly top1: number;
  readonly top5: number;
  /** 95 % interval of `top1`: what other samples of this size might show. */
  readonly interval: readonly [low: number, high: number];
  /** Mean cross-entropy, nats. */
  readonly loss: number;
  readonly calibration: Calibration;
  readonly classes: readonly ClassMetrics[];
  /** Cells of the confusion matrix that are not 0, largest first. */
  readonly confusion: readonly ConfusionCell[];
  /** Wrong answers, the most confident first. */
  readonly mistakes: readonly Mistake[];
}

/** Probabilities below this count as this in the loss: float32's smallest normal number. */
const SMALLEST = 2 ** -126;

interface MeasureOptions {
  /** At most so many mistakes. */
  readonly mistakes?: number;
  /** Bins of the calibration. */
  readonly bins?: number;
}

/**
 * Measures answers. Throws `invalid_argument` when there are none, and `invalid_package` when one is
 * no number: it would be neither right nor wrong.
 */
export function measure(
  answers: Answers,
  { mistakes = 24, bins = 10 }: MeasureOptions = {},
): Metrics {
  const images = answers.labels.length;
  if (images === 0) throw new HebbError('invalid_argument', 'There are no images to measure on.');
  if (!answers.probabilities.every(Number.isFinite)) {
    throw new HebbError('invalid_package', 'The model answers with what is no number.', {
      hint: 'Its weights are broken, or its training diverged: train or import it again.',
    });
  }
  let [top1, top5, loss] = [0, 0, 0];
  for (let image = 0; image < images; image++) {
    const rank = rankOfLabel(answers, image);
    if (rank < 1) top1++;
    if (rank < 5) top5++;
    loss -= Math.log(Math.max(SMALLEST, probabilityOf(answers, image, answers.labels[image]!)));
  }
  const confusion = confusionCells(answers);
  return {
    images,
    top1: top1 / images,
    top5: top5 / images,
    interval: wilsonInterval(top1, images),
    loss: loss / images,
    calibration: calibration(answers, bins),
    classes: classMetrics(confusion),
    confusion,
    mistakes: worstMistakes(answers, mistakes),
  };
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

/** The quantile of the normal distribution that leaves 2.5 % on either side. */
const Z = 1.959964;

/**
 * Wilson's 95 % interval for a share of which `successes` of `trials` were seen: unlike the textbook
 * ± it stays within 0 and 1 and holds for small numbers too (Wilson 1927).
 */
export function wilsonInterval(successes: number, trials: number): [low: number, high: number] {
  const p = successes / trials;
  const z2 = Z ** 2 / trials;
  const middle = p + z2 / 2;
  const reach = Z * Math.sqrt((p * (1 - p) + z2 / 4) / trials);
  return [Math.max(0, (middle - reach) / (1 + z2)), Math.min(1, (middle + reach) / (1 + z2))];
}
