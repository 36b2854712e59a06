import { HebbError } from '@hebb/model';
import type { Comparison } from './evaluate.ts';

/** Limits for a quantised model. */
export interface Gate {
  /** Largest loss of top-1 accuracy, or mean average precision, on labelled images, percentage points. */
  readonly maxLoss: number;
  /** Least percentage of images with the same answer; the only check without labels. */
  readonly minAgreement: number;
}

/**
 * Percentage points of top-1 that int8 loses against float32; negative for a gain. Of a multi-label package,
 * points of mean average precision.
 */
export const topOneLoss = ({ float, int8, meanAveragePrecision: map }: Comparison): number => {
  if (map) return map.float - map.int8;
  return float && int8 ? float.top1 - int8.top1 : 0;
};

/** Throws `accuracy_loss` when the comparison exceeds a limit. */
export function checkGate(comparison: Comparison, gate: Gate): void {
  const loss = topOneLoss(comparison);
  // The tolerance covers the rounding of percentages.
  if (loss > gate.maxLoss + 1e-9) {
    throw new HebbError(
      'accuracy_loss',
      `int8 loses ${loss.toFixed(2)} points of ${comparison.meanAveragePrecision ? 'mean average precision' : 'top-1'}, more than the ${gate.maxLoss} allowed.`,
      { hint: 'Calibrate on more images like those in production, or allow it with --max-loss.' },
    );
  }
  if (comparison.agreement < gate.minAgreement) {
    throw new HebbError(
      'accuracy_loss',
      `int8 and float32 give different answers for ${(100 - comparison.agreement).toFixed(1)} % of the images; ${gate.minAgreement} % must agree.`,
      { hint: 'Calibrate on more images like those in production, or lower --min-agreement.' },
    );
  }
}
