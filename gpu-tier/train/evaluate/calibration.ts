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

/** Bounds of a temperature: where every answer is right, the loss falls towards 0. */
const TEMPERATURES = { least: 0.05, most: 20 } as const;

/** Slope of the loss, nats per unit of 1/T, at which the search ends. */
const FLAT = 1e-9;

/** Smallest probability whose logarithm is taken: float32's smallest normal number. */
const SMALLEST = 2 ** -126;

/**
 * The temperature that minimises the mean cross-entropy of some images (Guo et al. 2017): probabilities p
 * become p^(1/T), normalised. Below 1 it makes answers more confident, above 1 less. 1 without images.
 * The loss is convex in 1/T, so Newton's method within a shrinking bracket finds the minimum.
 * @param images indices of the images
 * @example
 * const sharper = withTemperature(answers, () => fitTemperature(answers, [0, 1, 2]));
 */
export function fitTemperature(answers: Answers, images: readonly number[]): number {
  if (images.length === 0) return 1;
  let [low, high] = [1 / TEMPERATURES.most, 1 / TEMPERATURES.least];
  let sharpness = 1; // 1/T
  for (let step = 0; step < 100 && high - low > 1e-6 * sharpness; step++) {
    const { slope, curvature } = slopeOfLoss(answers, images, sharpness);
    if (Math.abs(slope) < FLAT) break;
    if (slope > 0) high = sharpness;
    else low = sharpness;
    const newton = sharpness - slope / curvature;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - sharpness) < 1e-7 * sharpness) break;
    sharpness = next;
  }
  return 1 / sharpness;
}

/** First and second derivative of the mean cross-entropy by 1/T. */
function slopeOfLoss(answers: Answers, images: readonly number[], sharpness: number) {
  const { classes, labels, probabilities } = answers;
  let [slope, curvature] = [0, 0];
  for (const image of images) {
    const at = image * classes;
    let [sum, first, second] = [0, 0, 0];
    for (let c = 0; c < classes; c++) {
      const log = Math.log(Math.max(SMALLEST, probabilities[at + c]!));
      const weight = Math.exp(sharpness * log);
      sum += weight;
      first += weight * log;
      second += weight * log ** 2;
    }
    const mean = first / sum;
    slope += mean - Math.log(Math.max(SMALLEST, probabilities[at + labels[image]!]!));
    curvature += second / sum - mean ** 2;
  }
  return { slope: slope / images.length, curvature: curvature / images.length };
}

/** The answers with a temperature for each image. The order of an image's classes stays as it is. */
export function withTemperature(answers: Answers, temperature: (image: number) => number): Answers {
  const { classes, labels } = answers;
  const probabilities = new Float32Array(answers.probabilities.length);
  for (let image = 0; image < labels.length; image++) {
    const of = answers.probabilities.subarray(image * classes, (image + 1) * classes);
    const sharpness = 1 / temperature(image);
    const largest = of.reduce((a, b) => Math.max(a, b), SMALLEST);
    const powers = Array.from(of, (p) => (Math.max(SMALLEST, p) / largest) ** sharpness);
    const sum = powers.reduce((a, b) => a + b, 0);
    for (const [c, power] of powers.entries()) probabilities[image * classes + c] = power / sum;
  }
  return { classes, labels, probabilities };
}

/** Answers that were scaled by temperatures fitted on other images of the same set. */
export interface CrossFit {
  /** Of the two halves, each fitted on the other one. */
  readonly temperatures: readonly [number, number];
  readonly answers: Answers;
}

/**
 * Calibrates each half of the images with the temperature that is best for the other half, so that no
 * image is measured with a temperature that it took part in fitting. Both halves have the same classes,
 * up to one image. The training images would be no substitute: a network is more confident on them.
 */
export function crossFit(answers: Answers): CrossFit {
  const { labels } = answers;
  const byClass = [...labels.keys()].sort((a, b) => labels[a]! - labels[b]! || a - b);
  const half = new Uint8Array(labels.length);
  for (const [place, image] of byClass.entries()) half[image] = place % 2;
  const fitted = (of: number) =>
    fitTemperature(
      answers,
      byClass.filter((image) => half[image] !== of),
    );
  const temperatures = [fitted(0), fitted(1)] as const;
  return {
    temperatures,
    answers: withTemperature(answers, (image) => temperatures[half[image]!]!),
  };
}
