import { expect, test } from 'vitest';
import { interleave, ratios, type Subject } from './measure/interleave.ts';
import { spread } from './measure/statistics.ts';

test('the spread is the median with the 10th and 90th percentile', () => {
  expect(spread([5, 1, 4, 2, 3])).toEqual({ median: 3, p10: 1.4, p90: 4.6 });
  expect(spread([7])).toEqual({ median: 7, p10: 7, p90: 7 });
  expect(() => spread([])).toThrow(RangeError);
});

test('subjects take turns, and the first run of a turn does not count', async () => {
  const calls: string[] = [];
  const subject = (name: string, ms: number): Subject => ({
    async time(runs) {
      calls.push(`${name}${runs}`);
      return [1000, ...new Array<number>(runs - 1).fill(ms)];
    },
  });
  const schedule = { rounds: 2, runs: 3, warmUpRuns: 10 };
  const done: number[] = [];
  const [slow, quick] = await interleave([subject('a', 8), subject('b', 2)], schedule, (round) =>
    done.push(round),
  );
  expect(calls).toEqual(['a10', 'b10', 'a4', 'b4', 'b4', 'a4']);
  expect([slow, quick]).toEqual([
    [8, 8],
    [2, 2],
  ]);
  expect(ratios(slow!, quick!)).toEqual([4, 4]);
  expect(done).toEqual([1, 2]);
});
