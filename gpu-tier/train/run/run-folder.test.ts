import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { expect, it } from 'vitest';
import { RECIPES, type TrainConfig } from './config.ts';
import { createRun, openRun } from './run-folder.ts';

/** Options of `hebb train` that the first runs did not have. */
const ADDED = [
  ...['head', 'trunkRate', 'holdOut', 'qatEpochs', 'qatRate', 'multiLabel', 'balance', 'cutmix'],
  ...['trivialAugment', 'erasing'],
];

it('a run that was begun without newer options opens with values that change nothing', async () => {
  const config: TrainConfig = { ...RECIPES.modern, name: 'old', data: 'photos' };
  const dataset = { classes: ['a', 'b'], train: [], val: [], fingerprint: 'none' };
  const { dir, record } = await createRun(await temporaryFolder(), config, dataset, new Date());
  const file = join(dir, 'config.json');
  const old = Object.entries(config).filter(([name]) => !ADDED.includes(name));
  expect(await readFile(file, 'utf8')).toContain('multiLabel');
  await writeFile(file, JSON.stringify({ ...record, config: Object.fromEntries(old) }));
  expect((await openRun(dir)).record.config).toEqual(config); // `modern` uses none of them
});
