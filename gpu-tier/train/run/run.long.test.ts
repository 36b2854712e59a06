/**
 * Whole runs of the command line.
 * @module
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseManifest } from '@hebb/model';
import { describeWithTensorFlow } from '@hebb/test/graph/tensorflow';
import { beforeAll, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, '../../cli/main.ts');
const TRAIN = [
  ...['train', '--data', 'shapes', '--name', 'shapes', '--recipe', 'quick', '--epochs', '6'],
  ...['--precision', 'f32', '--batch-size', '16', '--max-loss', '100'],
];

let cwd: string;
const hebb = (...args: string[]) =>
  promisify(execFile)(process.execPath, [MAIN, ...args], { cwd, maxBuffer: 64 << 20 });

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'hebb-train-'));
  await hebb('data', 'shapes', 'shapes', '--images', '40', '--size', '80');
});

describeWithTensorFlow('hebb train', () => {
  it('writes a package with int8 weights, a report and a log; kill -9 and --resume change no bit', async () => {
    const { stdout } = await hebb(...TRAIN, '--runs', 'whole', '--out', 'whole-package');
    expect(stdout).toContain('Wrote whole-package. Report: whole/');
    const whole = await manifest('whole-package');
    expect(whole.files['weights.int8.safetensors']).toBeDefined();
    expect(whole.metrics?.int8?.top1).toBeGreaterThan(30); // six classes: chance is 17 %
    const [run] = await readdir(join(cwd, 'whole'));
    const files = await readdir(join(cwd, 'whole', run!));
    expect(files).toEqual(
      expect.arrayContaining(['checkpoint.safetensors', 'config.json', 'log.jsonl', 'report.html']),
    );

    const killed = spawn(process.execPath, [MAIN, ...TRAIN, '--runs', 'killed'], { cwd });
    await checkpointOf('killed', killed);
    killed.kill('SIGKILL');
    const [cut] = await readdir(join(cwd, 'killed'));
    await hebb('train', '--resume', join('killed', cut!), '--out', 'resumed', '--max-loss', '100');
    expect((await manifest('resumed')).version).toBe(whole.version);
  }, 600_000);

  it('trains a classifier on a package’s features, then its trunk from the top', async () => {
    const { stdout } = await hebb(
      ...['train', '--data', 'shapes', '--init', 'whole-package', '--name', 'tuned'],
      ...['--epochs', '2', '--head-epochs', '5', '--unfreeze', 'inception5b,inception5a'],
      ...['--sizes', '64', '--batch-size', '16', '--max-loss', '100'],
    );
    expect(stdout).toContain('Wrote models/tuned');
    const [run] = (await readdir(join(cwd, 'runs'))).filter((name) => name.endsWith('-tuned'));
    const log = (await readFile(join(cwd, 'runs', run!, 'log.jsonl'), 'utf8')).trim().split('\n');
    expect(log.map((line) => JSON.parse(line).epoch)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  }, 600_000);
});

describeWithTensorFlow('a fully connected head', () => {
  const small = ['--data', 'shapes', '--recipe', 'quick', '--epochs', '2', '--batch-size', '16'];
  const failed = (...args: string[]): Promise<string> =>
    hebb(...args).then(
      ({ stdout }) => `It ended well: ${stdout}`,
      ({ stderr }: { readonly stderr: string }) => stderr,
    );

  it('is trained and measured in float, and refused where only int8 or average pooling can go', async () => {
    const { stdout, stderr } = await hebb(
      'train',
      ...small,
      '--name',
      'fc',
      '--head',
      'fullyConnected',
    );
    expect(stderr).toContain('No int8 weights: A fully connected head is not quantised.');
    expect(stdout).toContain('Next: hebb eval models/fc --data shapes');
    const { network, files, metrics } = await manifest('models/fc');
    expect(network.head).toBe('fullyConnected');
    expect(Object.keys(files)).toEqual(['weights.f32.safetensors']);
    expect(metrics?.float?.top1).toBeGreaterThan(0);
    const evaluated = await hebb('eval', 'models/fc', '--data', 'shapes');
    expect(evaluated.stdout).toContain('top-1');

    const quantize = ['quantize', 'models/fc', '--calibrate', 'shapes'];
    expect(await failed(...quantize)).toContain('error unsupported_model: ');
    expect(await failed('publish', 'models/fc')).toContain('error not_quantized: ');
    expect(await failed('export', 'models/fc', '--format', 'onnx')).toContain(
      'error unsupported_model: ',
    );
    const further = await failed('train', ...small, '--name', 'more', '--init', 'models/fc');
    expect(further).toContain('error unsupported_model: ');
  }, 600_000);

  it('is not needed for a package of floats: --no-quantize', async () => {
    const { stdout, stderr } = await hebb('train', ...small, '--name', 'floats', '--no-quantize');
    expect(stderr).not.toContain('calibrate');
    expect(stdout).toContain('Next: hebb quantize models/floats --calibrate shapes\n');
    expect(Object.keys((await manifest('models/floats')).files)).toEqual([
      'weights.f32.safetensors',
    ]);
  }, 600_000);
});

const manifest = async (dir: string) =>
  parseManifest(await readFile(join(cwd, dir, 'manifest.json'), 'utf8'));

/** Waits until the run has written its first checkpoint. */
async function checkpointOf(runs: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}.`);
    const [run] = await readdir(join(cwd, runs)).catch(() => []);
    const file = run && join(cwd, runs, run, 'checkpoint.safetensors');
    if (file && (await stat(file).catch(() => undefined))) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
