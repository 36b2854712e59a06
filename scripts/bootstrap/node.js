/** Which Node runs the TypeScript files, and how the bootstrap hands over to it. @module */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { at } from './paths.js';

/** TypeScript files run as they are from this version on. */
export const LEAST_NODE = 24;

/** Put there by the npm package `node`, which is a dependency for this one purpose. */
export const nodeBinary = at(
  'node_modules',
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

export const majorVersion = Number(process.versions.node.split('.')[0]);

/** The npm package's Node, else the machine's where it is new enough, else undefined. */
export function currentNode() {
  if (existsSync(nodeBinary)) return nodeBinary;
  return majorVersion >= LEAST_NODE ? process.execPath : undefined;
}

/** The environment for everything that is run: that Node and the packages' commands come first. */
export function environment() {
  const first = [path.dirname(currentNode()), at('node_modules', '.bin'), process.env.PATH ?? ''];
  // When the command began, for who says how long it took: in ms since 1970.
  const HEBB_BEGAN = String(performance.timeOrigin);
  return { ...process.env, HEBB_BEGAN, PATH: first.join(path.delimiter) };
}

/** Runs the script in the caller's folder, passes signals on, and resolves to the exit code. */
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
