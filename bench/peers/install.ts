import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Folder of the peers' own package.json. */
export const PEERS = import.meta.dirname;

/** Path of a file in a peer's package. */
export const peerPath = (...parts: string[]): string => join(PEERS, 'node_modules', ...parts);

/**
 * Installs the peers from their lockfile, unless they are installed. Resolves to false if that fails, e.g.
 * without a network; npm's messages go to stderr.
 */
export async function installPeers(env: NodeJS.ProcessEnv): Promise<boolean> {
  if (upToDate()) return true;
  const npm = env.npm_execpath; // set by npm itself: the npm that runs the bench
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const [command, first] = npm ? [process.execPath, [npm]] : ['npm', []];
  const child = spawn(command, [...first, ...args], {
    cwd: PEERS,
    env,
    stdio: ['ignore', process.stderr, process.stderr],
  });
  const done = await new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
  return done;
}

/** npm writes node_modules/.package-lock.json last. */
function upToDate(): boolean {
  const installed = peerPath('.package-lock.json');
  const lock = join(PEERS, 'package-lock.json');
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs;
}
