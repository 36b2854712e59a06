/**
 * `npm test`: runs all tests and lists the skipped ones. `npm test -- edge/worker` runs some of them; `npm run test:all`
 * adds the long ones.
 * @module
 */
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { ROOT } from '@hebb/local/bundle';
import { ensureNative } from '@hebb/tensorflow/native/ensure';
import { thisHost } from '@hebb/tensorflow/native/host';
import { cacheFolder } from 'hebb/cache';
import { installProgress } from 'hebb/progress';

/** Vitest's JSON report. */
const REPORT = join(ROOT, '.cache', 'test-report.json');

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

async function runVitest(args: readonly string[], all: boolean): Promise<number> {
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
  const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...args], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...(all ? { HEBB_TEST_ALL: '1' } : {}) },
  });
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Lists skipped tests, so that they are not mistaken for passed ones. */
function listSkipped({ testResults }: Report): void {
  const skipped = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status !== 'passed' && status !== 'failed')
      .map(({ fullName }) => `  ${relative(ROOT, name)}: ${fullName}`),
  );
  if (skipped.length > 0) console.log(`SKIPPED, ${skipped.length}:\n${skipped.join('\n')}`);
}

/** Number of files that failed outside of any test. */
function brokenFiles({ testResults }: Report): number {
  const failed = testResults.filter(({ status }) => status === 'failed');
  return failed.filter(({ assertionResults }) =>
    assertionResults.every((test) => test.status !== 'failed'),
  ).length;
}

/** Installs TensorFlow's native library for its tests, once per machine, if possible. */
async function provideNative(): Promise<void> {
  const { env, stderr } = process;
  const progress = installProgress({ stderr, now: () => performance.now() });
  const onProgress = progress.show;
  const options = { cache: cacheFolder({ env }), host: thisHost(), env, fetch, onProgress };
  const native = await ensureNative({ ...options, flavour: 'cpu' });
  progress.finish();
  if (native.kind === 'ready') return;
  console.warn(`Tests of native TensorFlow are skipped: ${native.reason}`);
  console.warn(`  → ${native.fix}`);
}

const args = process.argv.slice(2);
const all = args.includes('--all');
await provideNative();
await mkdir(dirname(REPORT), { recursive: true });
await rm(REPORT, { force: true });
process.exitCode = await runVitest(
  args.filter((arg) => arg !== '--all'),
  all,
);
const report = JSON.parse(await readFile(REPORT, 'utf8')) as Report;
listSkipped(report);
const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = report;
const failed = numFailedTests + brokenFiles(report);
console.log(
  `${numPassedTests} passed, ${failed} failed, ${numPendingTests + numTodoTests} skipped`,
);
