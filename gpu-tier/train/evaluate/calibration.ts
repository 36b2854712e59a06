import { type Answers, probabilityOf, topAnswer } from './answers.ts';

/** Images whose confidence (probability of the answer) is between `low` and `high`. */
export interface CalibrationBin {
  readonly low: number;
  readonly high: number;
  readonly images: number;
  /** Mean confidence; 0 without images. */
  readonly confidence: number;
  /** Share of correct answers; 0 without images. */
  readonly accuracy: number;
}

export interface Calibration {
  readonly bins: readonly CalibrationBin[];
  /**
   * Expected calibration error: the gap between confidence and accuracy, averaged over the images (Guo et
   * al. 2017, arXiv:1706.04599).
   */
  readonly error: number;
}

/** Sorts answers into equal bins of confidence: are 80 % of the answers with a confidence of 80 % correct? */
export function calibration(answers: Answers, bins = 10): Calibration {
  const sums = Array.from({ length: bins }, () => ({ images: 0, confidence: 0, right: 0 }));
  for (const [image, label] of answers.labels.entries()) {
    const answer = topAnswer(answers, image);
    const confidence = probabilityOf(answers, image, answer);
    const sum = sums[Math.min(bins - 1, Math.floor(confidence * bins))]!;
    sum.images++;
    sum.confidence += confidence;
    if (answer === label) sum.right++;
  }
  const share = (part: number, of: number) => (of > 0 ? part / of : 0);
  const result = sums.map(({ images, confidence, right }, i) => ({
    low: i / bins,
    high: (i + 1) / bins,
    images,
    confidence: share(confidence, images),
    accuracy: share(right, images),
  }));
  const gap = result.reduce(
    (sum, { images, confidence, accuracy }) => sum + images * Math.abs(confidence - accuracy),
    0,
  );
  return { bins: result, error: share(gap, answers.labels.length) };
}
