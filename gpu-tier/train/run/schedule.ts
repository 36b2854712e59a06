import type { TrainConfig } from './config.ts';

/** The paper, section 6: "decreasing the learning rate by 4% every 8 epochs". */
const PAPER = { factor: 0.96, epochs: 8 } as const;

/**
 * The learning rate after `epoch` epochs (a fraction is allowed): it grows from 0 over the warm-up, then
 * falls by the schedule.
 */
export function learningRate(
  epoch: number,
  { rate, schedule, warmup, epochs }: Pick<TrainConfig, 'rate' | 'schedule' | 'warmup' | 'epochs'>,
): number {
  if (epoch < warmup) return (rate * epoch) / warmup;
  if (schedule === 'paper') return rate * PAPER.factor ** Math.floor(epoch / PAPER.epochs);
  const progress = (epoch - warmup) / Math.max(epochs - warmup, 1e-9);
  return (rate / 2) * (1 + Math.cos(Math.PI * Math.min(progress, 1)));
}

/** Side of the training images in an epoch, pixels. `epoch` counts from 0. */
export function imageSize(epoch: number, { sizes, epochs }: Pick<TrainConfig, 'sizes' | 'epochs'>) {
  const stage = sizes.find(([share]) => epoch < Math.round(share * epochs)) ?? sizes.at(-1)!;
  return stage[1];
}

/**
 * Decay of the moving average at a step, counted from 0. It starts low, so that the initial weights do
 * not linger (TensorFlow's ExponentialMovingAverage, `num_updates`).
 */
export const averageDecay = (step: number, decay: number): number =>
  Math.min(decay, (1 + step) / (10 + step));
