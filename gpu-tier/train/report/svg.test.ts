import { describe, expect, it } from 'vitest';
import { lineChart } from './svg/line-chart.ts';
import { linearScale, niceTicks } from './svg/scale.ts';

describe('ticks', () => {
  it.each([
    [0, 4, [0, 1, 2, 3, 4]],
    [0, 1, [0, 0.5, 1]],
    [0, 0.1, [0, 0.05, 0.1]],
    [0, 3.17, [0, 1, 2, 3, 4]],
    [1, 120, [0, 50, 100, 150]],
    [0, 0, [0, 0.5]],
  ])('from %f to %f are round', (low, high, ticks) => {
    expect(niceTicks(low, high, 4)).toEqual(ticks);
  });
});

describe('a scale', () => {
  it('may be reversed', () => {
    const y = linearScale([0, 10], [100, 0]);
    expect([0, 5, 10].map(y)).toEqual([100, 50, 0]);
  });

  it('maps an empty range to its start', () => {
    expect(linearScale([3, 3], [10, 20])(3)).toBe(10);
  });
});

describe('a line chart', () => {
  const chart = { id: 'loss', title: 'Loss', epochs: [1, 2, 3, 4], format: String };
  const line = (text: string) => text.match(/<path class="line s1" d="(M[^"]+)"\/><circle/)![1]!;

  it('draws every value at its place on the axes', () => {
    const { text } = lineChart({
      ...chart,
      series: [{ label: 'a', style: 1, values: [4, 3, 2, 0] }],
    });
    // 52 to 402 across, 8 (4.0) to 214 (0) down.
    expect(line(text)).toBe('M52 8L168.7 59.5L285.3 111L402 214');
    expect(text).toContain('<title>epoch 3\na 2</title>');
    expect(text).toContain('Over epochs 1 to 4: a from 4 to 0.');
  });

  it('bridges epochs without a value and breaks at NaN', () => {
    const gap = [4, undefined, 2, 0];
    const broken = [4, 3, Number.NaN, 0];
    const draw = (values: (number | undefined)[]) =>
      line(lineChart({ ...chart, series: [{ label: 'a', style: 1, values }] }).text);
    expect(draw(gap)).toBe('M52 8L285.3 111L402 214');
    expect(draw(broken)).toBe('M52 8L168.7 59.5M402 214');
  });

  it('is empty without values', () => {
    expect(lineChart({ ...chart, series: [] }).text).toBe('');
    const none = { label: 'aux', style: 1, values: [undefined, undefined, undefined, undefined] };
    expect(lineChart({ ...chart, series: [none] }).text).toBe('');
  });

  it('shows a single epoch as a point', () => {
    const one = lineChart({
      ...chart,
      epochs: [1],
      series: [{ label: 'a', style: 1, values: [2] }],
    });
    expect(one.text).toMatch(/<circle class="dot s1" cx="52"/);
  });
});
