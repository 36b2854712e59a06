import type { Cli } from './cli.ts';
import { type Progress, startProgress } from './progress.ts';

/** Progress lines, one after the other, for work in steps that say themselves how much there is. */
export function progressOf(cli: Cli) {
  let current: { readonly label: string; readonly progress: Progress } | undefined;
  const finish = () => {
    current?.progress.finish();
    current = undefined;
  };
  return {
    /** A step's line begins with its first report, which ends the line before. */
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
