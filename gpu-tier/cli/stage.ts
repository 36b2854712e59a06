import type { Cli } from './cli.ts';
import { startProgress } from './progress.ts';

/** A progress line for `total` images; the counter of those that are done. */
export function startStage(
  { stderr, now }: Pick<Cli, 'stderr' | 'now'>,
  label: string,
  total: number,
): (done: number) => void {
  const progress = startProgress({
    ...{ label: label.padEnd(10), total, unit: 'images' },
    ...{ stream: stderr, now },
  });
  return (done) => {
    progress.update(done);
    if (done === total) progress.finish();
  };
}
