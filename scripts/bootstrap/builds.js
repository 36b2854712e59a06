/** Builds the WebAssembly files when their sources have changed. @module */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { currentNode, environment } from './node.js';
import { at, fail, readIfThere, root } from './paths.js';

const BUILDS = [
  {
    name: 'kernels',
    script: at('scripts', 'build-kernels.ts'),
    sources: [at('shared', 'engine', 'kernels', 'assembly')],
    output: at('shared', 'engine', 'kernels', 'dist'),
  },
];

/** Hash of all sources of a build. */
function sourceHash({ script, sources }) {
  const hash = createHash('sha256');
  for (const file of [...sources.flatMap(filesOf), script]) {
    hash.update(path.relative(root, file)).update(readFileSync(file));
  }
  return hash.digest('hex');
}

function filesOf(source) {
  if (statSync(source).isFile()) return [source];
  return readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

const stampOf = ({ output }) => path.join(output, '.stamp');

const isStale = (build) =>
  !existsSync(build.output) || readIfThere(stampOf(build)) !== sourceHash(build);

export const areBuilt = () => !BUILDS.some(isStale);

export function build() {
  for (const one of BUILDS.filter(isStale)) {
    console.error(`hebb: building the ${one.name} …`);
    const stdio = ['ignore', 2, 2];
    const options = { cwd: root, env: environment(), stdio };
    const result = spawnSync(currentNode(), [one.script], options);
    if (result.status !== 0) fail(`The ${one.name} did not build (see above).`);
    writeFileSync(stampOf(one), sourceHash(one));
  }
}
