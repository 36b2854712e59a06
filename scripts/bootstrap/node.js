/** Finds a Node that runs TypeScript files, and runs scripts with it. @module */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { at } from './paths.js';

/** The first version that runs TypeScript files without flags. */
export const LEAST_NODE = 24;

/** Installed by the npm package `node`. */
export const nodeBinary = at(
  'node_modules',
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

export const majorVersion = Number(process.versions.node.split('.')[0]);

/** The npm package's Node, else the running Node if it is new enough, else undefined. */
export function currentNode() {
  if (existsSync(nodeBinary)) return nodeBinary;
  return majorVersion >= LEAST_NODE ? process.execPath : undefined;
}

/** The environment of scripts: this Node and the commands of the packages come first in the PATH. */
export function environment() {
  const first = [path.dirname(currentNode()), at('node_modules', '.bin'), process.env.PATH ?? ''];
  // When the command began, ms since 1970, for messages about the time it took.
  const HEBB_BEGAN = String(performance.timeOrigin);
  return { ...process.env, HEBB_BEGAN, PATH: first.join(path.delimiter) };
}

/** Runs the script in the caller's working directory, forwards signals, and resolves to the exit code. */
export function handOver(script, args) {
  const child = spawn(currentNode(), [at(script), ...args], {
    stdio: 'inherit',
    env: environment(),
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}
