import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { expect, it } from 'vitest';
import { createEventWriter } from './event-writer.ts';

const run = promisify(execFile);
const ENVIRONMENT = fileURLToPath(new URL('../../../.cache/tensorboard', import.meta.url));

const READ = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1]); events.Reload()
print(json.dumps({tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}))
`;

/** A Python with TensorBoard in .cache, installed once; undefined if pip cannot install it. */
async function python(): Promise<string | undefined> {
  const path = join(ENVIRONMENT, 'bin', 'python');
  try {
    if (!existsSync(path)) await run('python3', ['-m', 'venv', ENVIRONMENT]);
    await run(path, ['-m', 'pip', 'install', '--quiet', 'tensorboard']);
    return path;
  } catch (error) {
    console.warn(`SKIPPED for want of TensorBoard: ${String(error)}`);
    return undefined;
  }
}

it('is read by TensorBoard, which drops the points that a resumed run repeats', {
  timeout: 600_000,
}, async ({ skip }) => {
  const reader = await python();
  if (!reader) return skip('TensorBoard is not to be had');
  const dir = await temporaryFolder();
  let seconds = 1_767_225_600;
  const now = () => 1000 * seconds++;
  const first = createEventWriter(dir, { now });
  for (const step of [10, 20, 30]) first.scalars(step, { 'loss/train': 100 / step });
  first.close();
  const second = createEventWriter(dir, { now, resumedAt: 20 });
  for (const step of [30, 40]) second.scalars(step, { 'loss/train': 1 / step, rate: 0.5 });
  second.close();
  const { stdout } = await run(reader, ['-c', READ, dir]);
  const points = JSON.parse(stdout) as Record<string, [number, number][]>;
  expect(Object.keys(points).sort()).toEqual(['loss/train', 'rate']);
  const round = points['loss/train']!.map(([step, value]) => [step, Number(value.toFixed(4))]);
  expect(round).toEqual([
    [10, 10],
    [20, 5],
    [30, 0.0333],
    [40, 0.025],
  ]);
});
