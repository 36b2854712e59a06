import { HebbError } from '../../shared/model/index.ts';
import type { Comparison } from './evaluate.ts';

/** What a quantised model may lose before it is refused. */
export interface Gate {
  /** Percentage points of top-1 accuracy, on labelled images. */
  readonly maxLoss: number;
  /** Percent of images that must get the same top-1 answer; all that is known without labels. */
  readonly minAgreement: number;
}

/** Percentage points of top-1 that int8 loses against float32 (negative: gains). */
export const topOneLoss = ({ float, int8 }: Comparison): number =>
  float && int8 ? float.top1 - int8.top1 : 0;

/** Throws `accuracy_loss` when the comparison does not pass. */
export function checkGate(comparison: Comparison, gate: Gate): void {
  const loss = topOneLoss(comparison);
  // Counts over images are exact; their difference in percent is not.
  if (loss > gate.maxLoss + 1e-9) {
    throw new HebbError(
      'accuracy_loss',
      `int8 loses ${loss.toFixed(2)} points of top-1, more than the ${gate.maxLoss} allowed.`,
      { hint: 'Calibrate on more images like those in production, or allow it with --max-loss.' },
    );
  }
  if (comparison.agreement < gate.minAgreement) {
    throw new HebbError(
      'accuracy_loss',
      `int8 gives another answer than float32 for ${(100 - comparison.agreement).toFixed(1)} % of the images; ${gate.minAgreement} % must agree.`,
      { hint: 'Calibrate on more images like those in production, or lower --min-agreement.' },
    );
  }
}
