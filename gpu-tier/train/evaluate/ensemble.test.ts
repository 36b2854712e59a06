import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PackageFolder, readPackage, writePackage } from '@hebb/packages/folder';
import { sampleAnswers } from '@hebb/test/report/sample';
import { writeImageFolders } from '@hebb/test/support/image-files';
import { testPackage } from '@hebb/test/support/package-folder';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Example } from '../dataset/dataset.ts';
import { averageAnswers, evaluateMembers, imageClock, labelOrder, tableOf } from './ensemble.ts';
import { measure } from './metrics.ts';

let first: PackageFolder;
let second: PackageFolder;
let examples: Example[];
const removals: (() => Promise<void>)[] = [];
beforeAll(async () => {
  for (const seed of [1, 2]) {
    const made = await testPackage({ inputSize: 32, classes: 3, seed, name: `seed-${seed}` });
    removals.push(made.remove);
    if (seed === 1) first = await readPackage(made.dir);
    else second = await readPackage(made.dir);
  }
  const photos = await mkdtemp(join(tmpdir(), 'hebb-photos-'));
  removals.push(() => rm(photos, { recursive: true }));
  const paths = await writeImageFolders(photos, ['a', 'b', 'c'], 2);
  examples = Object.values(paths).flatMap((ofClass, label) =>
    ofClass.map((path) => ({ path, label })),
  );
});
afterAll(async () => {
  for (const remove of removals) await remove();
});

/** The first package's weights under other labels. */
async function relabelled(labels: readonly { readonly id?: string; readonly name: string }[]) {
  const dir = join(await temporaryFolder(), 'other');
  const { format: _, version: __, files: ___, ...draft } = first.manifest;
  await writePackage(dir, {
    manifest: { ...draft, name: 'other', labels },
    weights: { int8: await first.bytes('int8') },
  });
  return await readPackage(dir);
}

async function meanOf(packages: readonly PackageFolder[], crops: 1 | 10 = 1) {
  const backend = { kind: 'wasm', reason: 'a test' } as const;
  const request = { packages, precision: 'int8', examples, crops: [crops], backend } as const;
  const measured = await evaluateMembers({ ...request, threads: 1 });
  return averageAnswers(measured.get(crops)!.map(({ answers }) => answers));
}

const closeTo = (values: Float32Array) => [...values].map((value) => expect.closeTo(value, 6));

describe('an ensemble', () => {
  it('of one model answers as the model, and so does one of the same model twice', async () => {
    const one = await meanOf([first]);
    expect((await meanOf([first, first])).probabilities).toEqual(one.probabilities);
  });

  it('answers the mean of its members, in any order of them', async () => {
    const [a, b] = [await meanOf([first], 10), await meanOf([second], 10)];
    const both = await meanOf([first, second], 10);
    const mean = a.probabilities.map((p, i) => (p + b.probabilities[i]!) / 2);
    expect([...both.probabilities]).toEqual(closeTo(mean));
    const turned = await meanOf([second, first], 10);
    expect([...turned.probabilities]).toEqual(closeTo(mean));
    expect([...both.labels]).toEqual([0, 0, 1, 1, 2, 2]);
  });

  it('matches labels by name, in any order', async () => {
    const other = await relabelled([{ name: 'class 2' }, { name: 'class 0' }, { name: 'class 1' }]);
    expect(labelOrder(first, other)).toEqual([1, 2, 0]);
    const one = (await meanOf([first])).probabilities;
    const both = await meanOf([first, other]);
    const mean = one.map((p, i) => (p + one[i - (i % 3) + [1, 2, 0][i % 3]!]!) / 2);
    expect([...both.probabilities]).toEqual(closeTo(mean));
    expect([...both.labels]).toEqual([0, 0, 1, 1, 2, 2]);
  });

  it('matches labels of the same name by their ids', async () => {
    const crane = await relabelled([
      { id: 'bird', name: 'crane' },
      { id: 'machine', name: 'crane' },
      { name: 'c' },
    ]);
    const turned = await relabelled([
      { name: 'c' },
      { id: 'machine', name: 'crane' },
      { id: 'bird', name: 'crane' },
    ]);
    expect(labelOrder(crane, turned)).toEqual([2, 1, 0]);
    const same = await relabelled([{ name: 'x' }, { name: 'x' }, { name: 'c' }]);
    const other = await relabelled([{ name: 'c' }, { name: 'x' }, { name: 'x' }]);
    expect(labelOrder(same, same)).toEqual([0, 1, 2]);
    expect(() => labelOrder(same, other)).toThrow(
      expect.objectContaining({ code: 'labels_differ' }),
    );
  });

  it('refuses packages with other labels, naming one', async () => {
    const other = await relabelled([{ name: 'class 0' }, { name: 'class 1' }, { name: 'zebra' }]);
    await expect(meanOf([first, other])).rejects.toMatchObject({
      code: 'labels_differ',
      message: 'seed-1 has the label "class 2", and other has not.',
    });
    expect(() => averageAnswers([])).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });
});

describe('the table of models and crops', () => {
  const [a, b] = [sampleAnswers(60, 8, 1), sampleAnswers(60, 8, 9)];
  const member = (answers: typeof a, secondsPerImage: number) => ({ answers, secondsPerImage });
  const rows = tableOf(
    new Map([
      [1, [member(a, 0.25), member(b, 0.5)]],
      [10, [member(b, 2), member(a, 3)]],
    ]),
    'f32',
  );

  it('has the first models with each number of crops', () => {
    expect(
      rows.map(({ models, crops, secondsPerImage }) => [models, crops, secondsPerImage]),
    ).toEqual([
      [1, 1, 0.25],
      [1, 10, 2],
      [2, 1, 0.75],
      [2, 10, 5],
    ]);
  });

  it('has the errors of their mean', () => {
    const mean = measure(averageAnswers([a, b]));
    expect(rows[2]).toMatchObject({
      top1Error: 1 - mean.top1,
      top5Error: 1 - mean.top5,
      calibrationError: mean.calibration.error,
      withTemperature: mean.withTemperature,
    });
    const [low, high] = rows[2]!.interval;
    expect(low).toBeLessThan(1 - mean.top1);
    expect(high).toBeGreaterThan(1 - mean.top1);
    expect(rows[3]!.top1Error).toBe(rows[2]!.top1Error); // the same two answers
  });
});

describe('seconds per image', () => {
  const timed = (ticks: readonly (readonly [seconds: number, done: number])[]) => {
    let now = 0;
    const clock = imageClock(2, () => 1000 * now);
    for (const [seconds, done] of ticks) {
      now = seconds;
      clock.tick(done);
    }
    return clock.secondsPerImage();
  };

  it('leave out the start, until both threads have answered', () => {
    const ticks = [
      [5, 4],
      [5, 8],
      [7, 12],
      [7, 16],
    ] as const;
    expect(timed(ticks)).toBe(2 / 8);
  });

  it('hold the start where there are few images', () => {
    const ticks = [
      [5, 4],
      [5, 6],
    ] as const;
    expect(timed(ticks)).toBe(5 / 6);
    expect(timed([[3, 1]])).toBe(3);
  });
});
