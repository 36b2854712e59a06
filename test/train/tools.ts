import { ownKernelsLoaded, tensorflow } from '@hebb/test/graph/tensorflow';
import type { TrainTools } from '@hebb/train/run/train';

/**
 * The tools of a real training, stopped after a number of steps.
 * @param counter counts the steps, so that several sessions of a run can share the number
 */
export function trainTools({
  stopAfter = Number.POSITIVE_INFINITY,
  counter = { steps: 0 },
  onEpoch = () => {},
}: {
  readonly stopAfter?: number;
  readonly counter?: { steps: number };
  readonly onEpoch?: TrainTools['onEpoch'];
} = {}): TrainTools {
  return {
    binding: tensorflow(),
    kernels: ownKernelsLoaded(),
    now: () => performance.now(),
    date: () => new Date(),
    onStep: () => {
      counter.steps++;
    },
    onEpoch,
    shouldStop: () => counter.steps >= stopAfter,
  };
}
