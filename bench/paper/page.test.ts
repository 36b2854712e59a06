import { compareModules, googlenet } from '@hebb/model';
import { expect, it } from 'vitest';
import { EXPERIMENTS } from './experiments.ts';
import { paperPage } from './page.ts';
import type { PaperResult, PaperRun } from './results.ts';

const spread = (median: number) => ({ median, p10: 0.9 * median, p90: 1.1 * median });

/** A training of two epochs that ends with `top1`; conv1's gradient has `norm` throughout. */
function run(experiment: string, seed: number, top1: number, norm: number): PaperRun {
  const norms = { conv1: norm, inception5b: 4, linear: 8 };
  const epoch = (number: number) => ({
    epoch: number,
    step: 10 * number,
    mainLoss: 2 - number / 2,
    valLoss: 1.5,
    valTop1: number * (top1 / 2),
    gradientNorms: norms,
    weightNorms: norms,
    imagesPerSecond: 100,
    seconds: 3,
  });
  return {
    experiment,
    seed,
    epochs: [{ ...epoch(1), firstGradientNorms: norms }, epoch(2)],
  };
}

const result = (runs: readonly PaperRun[]): PaperResult => ({
  bench: 'paper',
  machine: {
    cpu: 'a CPU',
    cores: 2,
    memoryGb: 8,
    system: 'linux 6',
    node: '24.0.0',
    v8: '13.0',
    date: '2026-01-01',
  },
  data: { name: 'shapes', classes: 6, train: 1200, val: 300 },
  settings: { size: 64, epochs: 2, batchSize: 32, rate: 0.01, seeds: 2 },
  runs,
  networks: ['lrn', 'lrn-connected', 'bn', 'naive'].map((id, i) => ({
    id,
    title: `network ${id}`,
    parameters: 6e6 * (i + 1),
    multiplyAdds: 1e8 * (i + 1),
    bytes: 24e6 * (i + 1),
  })),
  modules: compareModules(googlenet({ variant: 'lrn', classes: 6, inputSize: 64 })),
  steps: {
    batch: 32,
    size: 64,
    rounds: 3,
    reduced: spread(100),
    naive: spread(900),
    times: spread(9),
  },
});

/** Two seeds of each experiment: a tenth of a point apart, unless given. */
const runs = (top1: Readonly<Record<string, readonly [number, number]>> = {}) =>
  EXPERIMENTS.flatMap(({ id }) =>
    (top1[id] ?? [0.7, 0.701]).map((accuracy, i) =>
      run(id, i + 1, accuracy, id === 'lrn-auxiliary' ? 2 : 1),
    ),
  );

const rowOf = (page: string, text: string) =>
  page.split('\n').find((line) => line.startsWith('|') && line.includes(text))!;

it('has a verdict on each claim: all seeds of one above all seeds of the other', () => {
  const { page } = paperPage(
    result(runs({ lrn: [0.7, 0.72], 'lrn-connected': [0.6, 0.65], bn: [0.5, 0.9] })),
  );
  expect(rowOf(page, 'gradient signal')).toContain('at the first step 2×');
  expect(rowOf(page, 'gradient signal')).toMatch(/\| shows +\|$/);
  expect(rowOf(page, 'average pooling instead')).toContain('+8.5 points');
  expect(rowOf(page, 'average pooling instead')).toMatch(/\| shows +\|$/);
  expect(rowOf(page, 'additional regularization')).toContain('batch norm does not show');
  expect(rowOf(page, 'blow up')).toContain('4 times the multiply-adds, 9.0 times the time');
});

it('says when the opposite of a claim shows', () => {
  const { page } = paperPage(result(runs({ lrn: [0.6, 0.61], 'lrn-connected': [0.7, 0.71] })));
  expect(rowOf(page, 'average pooling instead')).toContain('−10.0 points');
  expect(rowOf(page, 'average pooling instead')).toContain('the opposite shows');
});

it('decides nothing by a single seed', () => {
  const { page } = paperPage(result(runs().filter(({ seed }) => seed === 1)));
  expect(rowOf(page, 'average pooling instead')).toContain('open: too few seeds');
});

it('leaves out what has not been trained', () => {
  const some = runs().filter(({ experiment }) => experiment !== 'bn-auxiliary');
  const { page } = paperPage(result(some));
  expect(rowOf(page, 'additional regularization')).toContain('– with batch norm');
  expect(page).not.toContain('NaN');
});

it('gives the mean and the range of the seeds, and names trainings that did not learn', () => {
  const all = runs({ bn: [0.5, 0.9] }).map((one) =>
    one.experiment === 'lrn' ? { ...one, error: 'no_better_than_chance' as const } : one,
  );
  const { page } = paperPage(result(all));
  const accuracies = page.slice(page.indexOf('## Average pooling'));
  expect(rowOf(accuracies, 'batch norm, one head')).toMatch(/70\.0.% \(50\.0.%–90\.0.%\)/);
  expect(rowOf(accuracies, 'LRN, one head')).toContain('2: no_better_than_chance');
});

it('shows every picture that it writes', () => {
  const { page, pictures } = paperPage(result(runs()));
  const shown = [...page.matchAll(/\(pictures\/([^)]+)\)/g)].map(([, name]) => name);
  expect(shown.sort()).toEqual([...pictures.keys()].sort());
  for (const [name, svg] of pictures) expect(svg, name).toMatch(/^<svg .*<\/svg>\n$/s);
  expect(() => paperPage(result([]))).toThrow(RangeError);
});
