/** The image of the GPU tier needs only files of the checkout, which the container engine is given. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@hebb/local/bundle';
import { expect, it } from 'vitest';

const read = (name: string) => readFileSync(join(ROOT, 'infra', 'gpu-tier', name), 'utf8');

/** Paths that COPY takes from the checkout. */
const copies = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap(([, words]) =>
  words!.split(' ').slice(0, -1),
);

it('copies only files of the checkout', () => {
  expect(copies.length).toBeGreaterThan(5);
  expect(copies.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

it('copies only files that Dockerfile.dockerignore lets through', () => {
  const [everything, ...exceptions] = read('Dockerfile.dockerignore').trim().split('\n');
  expect(everything).toBe('*');
  const letThrough = exceptions.flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
  const reaches = (path: string) =>
    letThrough.some((allowed) => `${path}/`.startsWith(`${allowed}/`));
  expect(copies.filter((path) => !reaches(path))).toEqual([]);
});

it('has the manifest of every workspace, without which npm installs nothing', () => {
  const { workspaces } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    workspaces: string[];
  };
  const copied = (file: string) =>
    copies.some((path) => `${file}/`.startsWith(path.replace(/\/?$/, '/')));
  expect(workspaces.filter((folder) => !copied(`${folder}/package.json`))).toEqual([]);
});
