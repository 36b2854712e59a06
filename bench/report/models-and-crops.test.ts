import { sampleAnswers } from '@hebb/test/report/sample';
import { averageAnswers, tableOf } from '@hebb/train/evaluate/ensemble';
import { measure } from '@hebb/train/evaluate/metrics';
import { expect, test } from 'vitest';
import { modelsAndCropsReport } from './models-and-crops.ts';

test('a table has a row for each number of models and crops, with its cost', () => {
  const members = [1, 2].map((seed) => sampleAnswers(50, 8, seed));
  const timed = (secondsPerImage: number) =>
    members.map((answers) => ({ answers, secondsPerImage }));
  const table = tableOf(
    new Map([
      [1, timed(0.01)],
      [144, timed(1.5)],
    ]),
    'f32',
  );
  const text = modelsAndCropsReport({
    packages: ['a', 'b'].map((name) => ({ name, version: `${name}123456789` })),
    data: 'flowers/val',
    images: 50,
    date: '2026-11-29',
    machine: { CPU: 'a CPU, 2 cores', 'float32 on': 'native-cpu: a test' },
    note: 'Other programs ran.',
    table,
  });
  const [head, , ...lines] = text.split('\n');
  expect(head).toBe(
    'a a1234567, b b1234567, 50 images of flowers/val. Measured on 2026-11-29: a CPU, 2 cores; float32 on native-cpu: a test. Other programs ran.',
  );
  const rows = lines.slice(2).map((line) => line.split('|').map((cell) => cell.trim()));
  expect(rows.map((cells) => cells.slice(1, 5))).toEqual([
    ['float32', '1', '1', '1'],
    ['float32', '1', '144', '144'],
    ['float32', '2', '1', '2'],
    ['float32', '2', '144', '288'],
  ]);
  const both = measure(averageAnswers(members));
  expect(rows[3]![5]).toBe(`${(100 * (1 - both.top1)).toFixed(2)} %`);
  expect(rows[3]!.at(-2)).toBe('3.0');
});
