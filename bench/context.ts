import { join } from 'node:path';

/** What every bench gets from outside. */
export interface BenchContext {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** A line for whoever watches. */
  readonly log: (line: string) => void;
}

/** Where the bench keeps what it makes, below the working directory; git ignores it. */
export const cacheFolder = ({ cwd }: BenchContext): string => join(cwd, '.cache', 'bench');
