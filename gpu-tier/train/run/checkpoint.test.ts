import { mkdtemp, readdir, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';

const SHAPES = [
  { name: 'conv1/kernel', shape: [2, 3] },
  { name: 'momentum/conv1/kernel', shape: [2, 3] },
];
const state = (start: number) =>
  new Map(SHAPES.map(({ name }, i) => [name, Float32Array.of(start, 1, 2, 3, 4, 5 + i)]));

it('returns the last state that was written', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'hebb-checkpoint-'));
  expect(await readCheckpoint(dir)).toBeUndefined();
  await writeCheckpoint(dir, { epoch: 1, step: 91, state: state(7) }, SHAPES);
  await writeCheckpoint(dir, { epoch: 2, step: 182, state: state(8) }, SHAPES);
  expect(await readdir(dir)).toEqual(['checkpoint.safetensors']);
  expect(await readCheckpoint(dir)).toEqual({ epoch: 2, step: 182, state: state(8) });
});

it('stays complete when the next write is interrupted', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'hebb-checkpoint-'));
  await writeCheckpoint(dir, { epoch: 1, step: 91, state: state(7) }, SHAPES);
  await writeFile(join(dir, 'checkpoint.safetensors.new'), 'half of the nex');
  expect((await readCheckpoint(dir))?.epoch).toBe(1);
});

it('refuses a truncated file', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'hebb-checkpoint-'));
  await writeCheckpoint(dir, { epoch: 1, step: 91, state: state(7) }, SHAPES);
  await truncate(join(dir, 'checkpoint.safetensors'), 100);
  await expect(readCheckpoint(dir)).rejects.toMatchObject({ code: 'invalid_package' });
});
