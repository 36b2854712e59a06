import { join } from 'node:path';

/** What every bench needs from the process. */
export interface BenchContext {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Prints a line of progress. */
  readonly log: (line: string) => void;
}

/** Folder for downloads and generated models, below the working directory; git ignores it. */
export const cacheFolder = ({ cwd }: BenchContext): string => join(cwd, '.cache', 'bench');
