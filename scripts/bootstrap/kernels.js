/** Builds the WebAssembly kernels when their sources changed. @module */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { currentNode, environment } from './node.js';
import { at, fail, readIfThere, root } from './paths.js';

const sources = at('edge', 'kernels', 'assembly');
const builder = at('scripts', 'build-kernels.ts');
const output = at('edge', 'kernels', 'dist');
const stampFile = path.join(output, '.stamp');

/** Hash over everything that the kernels are made of. */
function sourceHash() {
  const files = readdirSync(sources, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
  const hash = createHash('sha256');
  for (const file of [...files, builder]) {
    hash.update(path.relative(root, file)).update(readFileSync(file));
  }
  return hash.digest('hex');
}

export function kernelsAreStale() {
  return !existsSync(output) || readIfThere(stampFile) !== sourceHash();
}

export function buildKernels() {
  console.error('hebb: building the kernels …');
  const stdio = ['ignore', 2, 2];
  const result = spawnSync(currentNode(), [builder], { cwd: root, env: environment(), stdio });
  if (result.status !== 0) fail('The kernels did not build (see above).');
  writeFileSync(stampFile, sourceHash());
}
