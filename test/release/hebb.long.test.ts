/** `hebb` from its packed file trains, quantises and serves, in an empty project. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '@hebb/local/bundle';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { installed, type Project } from './installed.ts';

let project: Project;
let main: string;

beforeAll(async () => {
  project = await installed('hebb');
  main = join(project.dir, 'node_modules', 'hebb', 'bin', 'hebb.js');
});

it('trains a network on drawn shapes, and serves it', { timeout: 900_000 }, async () => {
  await project.node(main, 'data', 'shapes', 'shapes', '--images', '60');
  const options = ['--recipe', 'quick', '--epochs', '4', '--name', 'shapes', '--max-loss', '100'];
  await project.node(main, 'train', '--data', 'shapes', ...options);

  const port = await freePort();
  const args = ['serve', '--model', 'models/shapes', '--port', String(port)];
  const tier = spawn(process.execPath, [main, ...args], { cwd: project.dir, stdio: 'ignore' });
  onTestFinished(() => void tier.kill());
  const url = `http://127.0.0.1:${port}/v2`;
  await expect
    .poll(() =>
      fetch(`${url}/health/ready`).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(200);
  const image = await readFile(join(ROOT, 'test/samples/sunflower.jpg'));
  const input = {
    name: 'encoded',
    shape: [1],
    datatype: 'BYTES',
    data: [image.toString('base64')],
  };
  const response = await fetch(`${url}/models/shapes/infer`, {
    method: 'POST',
    body: JSON.stringify({
      inputs: [input],
      outputs: [{ name: 'probabilities', parameters: { classification: 1 } }],
    }),
  });
  const { outputs } = (await response.json()) as { outputs: readonly { data: unknown[] }[] };
  expect(outputs[0]!.data[0]).toMatch(/:(checkerboard|circle|square|star|stripes|triangle)$/);
});
