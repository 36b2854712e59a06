import type { Cli } from './cli.ts';
import { type Progress, startProgress } from './progress.ts';

/** A progress line for work that says itself how much there is; begins with its first report. */
export function progressOf(cli: Cli, label: string, unit: string) {
  let progress: Progress | undefined;
  return {
    update(done: number, total: number): void {
      progress ??= startProgress({ label, total, unit, stream: cli.stderr, now: cli.now });
      progress.update(done);
    },
    finish: (): void => progress?.finish(),
  };
}
