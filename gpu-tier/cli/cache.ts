import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Cli } from './cli.ts';

/** Folder of downloads: HEBB_CACHE, or `hebb` in the user's cache folder (XDG). */
export function cacheFolder({ env }: Pick<Cli, 'env'>): string {
  return env.HEBB_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'hebb');
}
