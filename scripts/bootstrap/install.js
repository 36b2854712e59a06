/** Installs the packages of package-lock.json unless they are installed. @module */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { currentNode, LEAST_NODE, nodeBinary } from './node.js';
import { at, fail, readIfThere, root } from './paths.js';

const lockFile = at('package-lock.json');
const stampFile = at('node_modules', '.hebb-installed');

/**
 * Packages whose install scripts are needed. All others are skipped, above all that of onnxruntime-node, which
 * downloads a GPU library that is not used.
 */
const BUILT_PACKAGES = ['node', 'esbuild', 'workerd'];

const lockHash = () => createHash('sha256').update(readFileSync(lockFile)).digest('hex');

/** The stamp of an installation with or without the packages of tests and benches. */
const WITH_TESTS = ' with the packages of tests';
const stampOf = (forTests) => `${lockHash()}${forTests ? WITH_TESTS : ''}`;

/** @param forTests whether the packages of tests, benches and the linter are needed too, 600 MB */
export function isInstalled(forTests) {
  if (!existsSync(at('node_modules', '.bin')) || !currentNode()) return false;
  const stamp = readIfThere(stampFile);
  if (stamp === stampOf(true) || (stamp === stampOf(false) && !forTests)) return true;
  if (!agreesWithLock(forTests)) return false;
  writeFileSync(stampFile, stampOf(forTests)); // installed with npm directly
  return true;
}

/** True if npm's record of installed packages matches the lockfile. */
function agreesWithLock(forTests) {
  const record = readIfThere(at('node_modules', '.package-lock.json'));
  if (record === '') return false;
  const installed = JSON.parse(record).packages;
  const wanted = JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([name, { version, optional, dev, link }]) =>
      link ||
      !name.startsWith('node_modules/') ||
      installed[name]?.version === version ||
      ((optional || (dev && !forTests)) && !installed[name]),
  );
}

export function install(neededForTests) {
  // Where they are, they stay: `npm start` after a pull does not take them away.
  const forTests = neededForTests || readIfThere(stampFile).endsWith(WITH_TESTS);
  const reason = !existsSync(at('node_modules'))
    ? 'first run'
    : forTests && readIfThere(stampFile) === stampOf(false)
      ? 'those of tests and benches, too'
      : 'package-lock.json changed';
  console.error(`hebb: installing packages (${reason}; about a minute) …`);
  const omit = forTests ? [] : ['--omit=dev'];
  npm('ci', ...omit, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error');
  npm('rebuild', '--ignore-scripts=false', '--loglevel=error', ...BUILT_PACKAGES);
  // The binary needs glibc; without it (Alpine) the system's Node is used.
  if (existsSync(nodeBinary) && spawnSync(nodeBinary, ['-v']).status !== 0) rmSync(nodeBinary);
  if (!currentNode()) {
    fail(
      `The npm package "node" has no Node that runs on ${process.platform}-${process.arch}.`,
      `Install Node ${LEAST_NODE} or newer and run the command again.`,
    );
  }
  writeFileSync(stampFile, stampOf(forTests));
}

function npm(...args) {
  // Under `npm start` npm gives the path of its script; otherwise npm is found on the PATH. The Node that runs this may
  // be the one in node_modules, which `npm ci` has just removed: then use the system's.
  const self = process.env.npm_execpath;
  const node = existsSync(process.execPath) ? process.execPath : 'node';
  const [command, first] = self?.endsWith('.js') ? [node, [self]] : ['npm', []];
  const shell = command === 'npm' && process.platform === 'win32'; // npm.cmd
  const stdio = ['ignore', 2, 2];
  const result = spawnSync(command, [...first, ...args], { cwd: root, stdio, shell });
  if (result.error?.code === 'ENOENT') {
    fail('npm was not found.', 'Install Node.js with npm, then run the command again.');
  }
  if (result.status !== 0) {
    fail(
      `npm ${args[0]} failed (see above).`,
      'Check the network and the registry (npm ping), then run the command again.',
    );
  }
}
