import type { OutputStream } from './cli.ts';

export interface ProgressOptions {
  /** What is going on: `downloading googlenet-12.onnx`. */
  readonly label: string;
  /** How many units there are in all; unknown totals show the count alone. */
  readonly total?: number;
  /** `B` prints as kB and MB; anything else is a plain count: `images`. */
  readonly unit: string;
  readonly stream: OutputStream;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

export interface Progress {
  /** `done` units are finished; may be called as often as one likes. */
  update(done: number): void;
  /** Ends the line. Call it in `finally`. */
  finish(): void;
}

/** Milliseconds between two updates of a terminal's line. */
const REFRESH_MS = 100;

/**
 * A progress line with percentage, rate and time left, rewritten in place on a terminal; elsewhere
 * (a log file, CI) one line for every tenth of the work.
 */
export function startProgress(options: ProgressOptions): Progress {
  const { label, total, unit, stream, now } = options;
  const started = now();
  let firstDone: number | undefined; // a resumed download does not start at 0
  let done = 0;
  let shownAt = Number.NEGATIVE_INFINITY;
  let shownTenth = 0;

  const line = (): string => {
    const seconds = (now() - started) / 1000;
    const rate = seconds > 0 ? (done - (firstDone ?? 0)) / seconds : 0;
    const counted = unit === 'B' || !total ? amount(done, unit) : `${done}`;
    const parts = [total ? `${counted} of ${amount(total, unit)}` : counted];
    if (rate > 0) parts.push(`${amount(rate, unit)}/s`);
    if (rate > 0 && total && done < total) parts.push(`${duration((total - done) / rate)} left`);
    const percent = total ? `${Math.floor((100 * done) / total)}%`.padStart(5) : '';
    return `${label}${percent}  ${parts.join('  ')}`;
  };

  return {
    update(count) {
      firstDone ??= count;
      done = count;
      if (stream.isTTY) {
        if (now() - shownAt < REFRESH_MS && done !== total) return;
        shownAt = now();
        stream.write(`\r${line().slice(0, (stream.columns ?? 80) - 1)}\x1b[K`);
      } else if (total) {
        const tenth = Math.floor((10 * done) / total);
        if (tenth > shownTenth) stream.write(`${line()}\n`);
        shownTenth = Math.max(shownTenth, tenth);
      }
    },
    finish() {
      if (stream.isTTY && shownAt > Number.NEGATIVE_INFINITY) stream.write(`\r${line()}\x1b[K\n`);
    },
  };
}

function amount(count: number, unit: string): string {
  if (unit !== 'B') return `${count < 10 ? Number(count.toFixed(1)) : Math.round(count)} ${unit}`;
  if (count < 1e6) return `${Math.round(count / 1e3)} kB`;
  return `${(count / 1e6).toFixed(1)} MB`;
}

/** Seconds as people say them: 42s, 3m05s, 2h10m. */
export function duration(seconds: number): string {
  const s = Math.ceil(seconds);
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m${String(s % 60).padStart(2, '0')}s`;
  return `${Math.floor(s / 3600)}h${String(Math.floor((s % 3600) / 60)).padStart(2, '0')}m`;
}
