import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PEERS } from './peers/install.ts';
import { table } from './report/table.ts';

test('columns of a table are aligned, numbers to the right', () => {
  expect(
    table(
      ['engine', 'ms'],
      [
        ['ours', '7.5'],
        ['a peer', '12.0'],
      ],
      1,
    ),
  ).toBe(
    ['| engine |   ms |', '| ------ | ---: |', '| ours   |  7.5 |', '| a peer | 12.0 |'].join('\n'),
  );
});

test("the peers' lockfile pins every package and names no registry", () => {
  const text = readFileSync(join(PEERS, 'package-lock.json'), 'utf8');
  const lock = JSON.parse(text) as { packages: Record<string, { integrity?: string }> };
  const { '': _root, ...packages } = lock.packages;
  expect(Object.keys(packages)).toContain('node_modules/@litertjs/core');
  expect(Object.values(packages).filter(({ integrity }) => !integrity)).toEqual([]);
  expect(text).not.toContain('"resolved"');
});
