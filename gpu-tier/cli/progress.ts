import type { InstallStep } from '@hebb/tensorflow/native/install';
import type { Cli, OutputStream } from './cli.ts';

interface ProgressOptions {
  /** Name of the work: `downloading googlenet-12.onnx`. */
  readonly label: string;
  /** Number of units; without it only the count is shown. */
  readonly total?: number;
  /** `B` prints as kB and MB; any other unit is a plain count: `images`. */
  readonly unit: string;
  readonly stream: OutputStream;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

export interface Progress {
  /** `done` units are finished. Cheap enough to call for every unit. */
  update(done: number): void;
  /** Ends the line. Call it in `finally`. */
  finish(): void;
}

/** Milliseconds between two updates of a terminal's line. */
const REFRESH_MS = 100;

/**
 * A progress line with percentage, rate and time left. A terminal shows it in place; a log file gets
 * one line for every tenth of the work.
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

/** Seconds as text: 42s, 3m05s, 2h10m. */
export function duration(seconds: number): string {
  const s = Math.ceil(seconds);
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m${String(s % 60).padStart(2, '0')}s`;
  return `${Math.floor(s / 3600)}h${String(Math.floor((s % 3600) / 60)).padStart(2, '0')}m`;
}

/** Starts a progress line of `total` images; returns its counter. */
export function startStage(
  { stderr, now }: Pick<Cli, 'stderr' | 'now'>,
  label: string,
  total: number,
): (done: number) => void {
  const progress = startProgress({
    label: label.padEnd(10),
    total,
    unit: 'images',
    stream: stderr,
    now,
  });
  return (done) => {
    progress.update(done);
    if (done === total) progress.finish();
  };
}

/** One progress line after the other, for steps whose totals come with their first count. */
export function progressOf(cli: Cli) {
  let current: { readonly label: string; readonly progress: Progress } | undefined;
  const finish = () => {
    current?.progress.finish();
    current = undefined;
  };
  return {
    /** The first count of a step starts its line and ends the line before. */
    step:
      (label: string, unit: string) =>
      (done: number, total: number): void => {
        if (current?.label !== label) {
          finish();
          const progress = startProgress({ label, total, unit, stream: cli.stderr, now: cli.now });
          current = { label, progress };
        }
        current.progress.update(done);
      },
    finish,
  };
}

const WORDS: Readonly<Record<InstallStep, string>> = {
  wait: 'Waiting for another process that installs it',
  find: 'Asking pip for TensorFlow',
  download: 'Downloading TensorFlow',
  unpack: 'Unpacking',
  compile: 'Compiling the addon',
  try: 'Trying it',
  kernels: 'Compiling our own kernels for this CPU',
};

interface InstallProgress {
  /** For `InstallOptions.onProgress`. */
  readonly show: (step: InstallStep, done?: number, total?: number) => void;
  /** Ends the line of a download that failed. */
  readonly finish: () => void;
}

/** Shows the steps of an installation, one line each, on stderr. */
export function installProgress({ stderr, now }: Pick<Cli, 'stderr' | 'now'>): InstallProgress {
  let step: InstallStep | undefined;
  let download: Progress | undefined;
  const finish = () => {
    download?.finish();
    download = undefined;
  };
  return {
    show(next, done, total) {
      if (next === 'download') {
        const options = { label: WORDS.download, unit: 'B', stream: stderr, now };
        download ??= startProgress({ ...options, ...(total !== undefined && { total }) });
        download.update(done ?? 0);
        return;
      }
      // Several wheels are looked up and downloaded in turn; one line covers them all.
      if (next === 'find' && (download || step === 'find')) return;
      finish();
      step = next;
      stderr.write(`${WORDS[next]} …\n`);
    },
    finish,
  };
}
