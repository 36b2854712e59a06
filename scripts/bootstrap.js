#!/usr/bin/env node
/**
 * Runs one of the project's TypeScript files on a fresh clone: installs the packages of package-lock.json (with a
 * current Node, by the npm package `node`), builds the kernels, and runs the file with that Node.
 * Plain JavaScript without dependencies, since it runs on Node ≥ 20 before anything is installed.
 *
 *   node scripts/bootstrap.js scripts/start.ts --port 9000
 *
 * @module
 */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { areBuilt, build } from './bootstrap/builds.js';
import { install, isInstalled } from './bootstrap/install.js';
import { withLock } from './bootstrap/lock.js';
import { handOver, majorVersion } from './bootstrap/node.js';
import { at, fail } from './bootstrap/paths.js';

/** Scripts that need no package of the tests, the benches and the linter. */
const PRODUCT = [
  'scripts/start.ts',
  'scripts/build.ts',
  'scripts/deploy.ts',
  'gpu-tier/cli/main.ts',
];

/** Prepares the checkout, then runs `script` with the arguments. Resolves to its exit code. */
export async function run(script, args) {
  if (majorVersion < 20) fail(`Hebb needs Node 20 or newer, this is ${process.version}.`);
  const forTests = !PRODUCT.includes(script);
  if (!isInstalled(forTests) || !areBuilt()) {
    await withLock(at('.cache'), 'bootstrap', () => {
      if (!isInstalled(forTests)) install(forTests);
      if (!areBuilt()) build();
    });
  }
  return await handOver(script, args);
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [script, ...args] = process.argv.slice(2);
  if (!script) fail('Name the script to run.', 'node scripts/bootstrap.js scripts/start.ts');
  process.exit(await run(script, args));
}
