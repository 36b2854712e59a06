/** Weight of an observation relative to the next one. */
const FORGETTING = 0.95;

/**
 * Estimates the time of a batch: fixed + perImage · n, by least squares with exponential forgetting, which adapts when
 * the machine becomes slower or faster.
 */
export interface ComputeEstimate {
  observe(images: number, ms: number): void;
  /** Expected milliseconds of a batch of `images`; 0 before the first observation. */
  expect(images: number): number;
}

export function createComputeEstimate(): ComputeEstimate {
  let [weight, sumN, sumT, sumNN, sumNT] = [0, 0, 0, 0, 0];
  return {
    observe(n, t) {
      weight = weight * FORGETTING + 1;
      sumN = sumN * FORGETTING + n;
      sumT = sumT * FORGETTING + t;
      sumNN = sumNN * FORGETTING + n * n;
      sumNT = sumNT * FORGETTING + n * t;
    },
    expect(images) {
      if (weight === 0) return 0;
      const [meanN, meanT] = [sumN / weight, sumT / weight];
      const variance = sumNN / weight - meanN * meanN;
      const covariance = sumNT / weight - meanN * meanT;
      const proportional = meanT / meanN;
      // With one batch size only, fixed and proportional cost cannot be separated: assume proportional.
      const slope = variance < 1e-3 ? proportional : clamp(covariance / variance, 0, proportional);
      return meanT + slope * (images - meanN);
    },
  };
}

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
