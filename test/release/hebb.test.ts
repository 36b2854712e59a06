/** `hebb`, packed and installed into an empty project, without the checkout and without TypeScript. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { installed, type Project } from './installed.ts';

let project: Project;
let hebb: (...args: string[]) => Promise<string>;

beforeAll(async () => {
  project = await installed('hebb');
  const main = join(project.dir, 'node_modules', 'hebb', 'bin', 'hebb.js');
  hebb = (...args) => project.node(main, ...args);
});

it('prints its version and its commands', async () => {
  expect(await hebb('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(await hebb('--help')).toMatch(/train[\s\S]*quantize[\s\S]*publish[\s\S]*serve/);
});

it('describes the network, draws a data set and checks it', async () => {
  expect(await hebb('describe')).toContain('inception4a');
  await hebb('data', 'shapes', 'shapes', '--images', '4', '--size', '64');
  expect(await hebb('data', 'check', 'shapes')).toContain('shapes: 30 images of 6 classes');
});

it.each(['classify', 'train', 'publish', 'rollback', 'jobs', 'serve', 'native'])(
  'names nothing in the help of %s that only a checkout has',
  async (command) => {
    expect(await hebb(command, '--help')).not.toMatch(/npm run|npm start --|docs\/|test\/samples/);
  },
);

it('says what publishing needs, which it does not bring', async () => {
  await expect(hebb('models')).rejects.toMatchObject({
    stderr: expect.stringContaining('→ Run: npm install wrangler'),
  });
});

it('brings a README, and the licences of what it contains', () => {
  const licences = ['LICENSE', 'vendor/binding/LICENSE', 'vendor/headers/LICENSE'];
  const files = ['README.md', 'shared/decode/codecs/LICENSES.md', ...licences];
  const folder = join(project.dir, 'node_modules', 'hebb');
  expect(files.filter((file) => !existsSync(join(folder, file)))).toEqual([]);
});
