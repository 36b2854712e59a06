/** The image of the GPU tier needs only files of the checkout, and no packages of the tests. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@hebb/local/bundle';
import { expect, it } from 'vitest';

const dockerfile = readFileSync(join(ROOT, 'infra/gpu-tier/Dockerfile'), 'utf8');

it('copies only files of the checkout', () => {
  const copies = [...dockerfile.matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap(([, words]) =>
    words!.split(' ').slice(0, -1),
  );
  expect(copies.length).toBeGreaterThan(5);
  expect(copies.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

it('runs without the packages that only tests need', () => {
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const imported = ['edge', 'gpu-tier', 'shared'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .flatMap((path) => {
        const source = readFileSync(join(ROOT, folder, path), 'utf8');
        const imports = source.matchAll(
          /^(?:import|\} from|export .* from) (?!type)[^;]*'([^'.][^']*)'/gm,
        );
        return [...imports].map(([, name]) => `${folder}/${path}: ${name}`);
      }),
  );
  expect(imported.length).toBeGreaterThan(100);
  const forTests = imported.filter((line) => line.split(': ')[1]! in devDependencies);
  expect(forTests).toEqual([]);
});
