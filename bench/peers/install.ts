import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Where the peers' own package.json lies. */
export const PEERS = import.meta.dirname;

/** Path of a file of a peer's package. */
export const peerPath = (...parts: string[]): string => join(PEERS, 'node_modules', ...parts);

/**
 * Installs the peers from their lockfile unless that has been done. Resolves to false, with npm's
 * words on stderr, when it cannot be done (no network).
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
