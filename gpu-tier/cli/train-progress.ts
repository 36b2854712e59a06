import type { EpochLog } from '../train/epoch-log.ts';
import type { StepProgress } from '../train/loop-options.ts';
import type { Cli } from './cli.ts';
import { duration } from './progress.ts';

/** Milliseconds between two updates of a terminal's line. */
const REFRESH_MS = 200;
/** Between two lines of a log file. */
const LOG_MS = 60_000;

export interface TrainProgress {
  onStep(progress: StepProgress): void;
  onEpoch(log: EpochLog): void;
  /** Ends the line. */
  finish(): void;
}

const percent = (share: number, digits = 0): string => `${(100 * share).toFixed(digits)}%`;

/**
 * A live line: epoch, size, images per second, loss, time left; then a line for each epoch that was
 * validated. In a log file the live line comes once a minute.
 */
export function trainProgress(
  { stderr, now }: Pick<Cli, 'stderr' | 'now'>,
  epochs: number,
): TrainProgress {
  const began = now();
  const interval = stderr.isTTY ? REFRESH_MS : LOG_MS;
  let first: number | undefined;
  let shownAt = stderr.isTTY ? Number.NEGATIVE_INFINITY : now();

  function line({ epoch, size, share, meter }: StepProgress): string {
    const done = share - first!;
    const left = done > 0 ? ((now() - began) / 1000 / done) * (1 - share) : undefined;
    const parts = [
      `epoch ${epoch + 1}/${epochs}`,
      percent(share, 1),
      `${size} px`,
      `${meter.imagesPerSecond.toFixed(0)} images/s`,
      `loss ${(meter.mean('loss') ?? 0).toFixed(3)}`,
      `top-1 ${percent(meter.mean('top1') ?? 0)}`,
      `waiting ${percent(meter.waiting)}`,
      ...(left === undefined ? [] : [`${duration(left)} left`]),
    ];
    return parts.join('  ');
  }

  return {
    onStep(progress) {
      first ??= progress.share;
      if (now() - shownAt < interval) return;
      shownAt = now();
      const text = line(progress);
      stderr.write(
        stderr.isTTY ? `\r${text.slice(0, (stderr.columns ?? 80) - 1)}\x1b[K` : `${text}\n`,
      );
    },
    onEpoch({ epoch, valTop1, valLoss, loss, trainTop1, seconds }) {
      if (valTop1 === undefined || valLoss === undefined) return;
      const text = `epoch ${epoch}: loss ${loss.toFixed(3)}, top-1 ${percent(trainTop1)}; validation loss ${valLoss.toFixed(3)}, top-1 ${percent(valTop1, 1)} (${duration(seconds)})`;
      stderr.write(`${stderr.isTTY ? '\r' : ''}${text}${stderr.isTTY ? '\x1b[K' : ''}\n`);
    },
    finish() {
      if (stderr.isTTY && shownAt > Number.NEGATIVE_INFINITY) stderr.write('\n');
    },
  };
}
