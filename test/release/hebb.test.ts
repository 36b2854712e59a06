/** `hebb`, packed and installed into an empty project, without the checkout and without TypeScript. */
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
