import { describe, expect, it } from 'vitest';
import { lineChart } from './svg/line-chart.ts';
import { linearScale, niceTicks, powerTicks } from './svg/scale.ts';
import { svgFile } from './svg/svg-file.ts';

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

describe('logarithmic ticks', () => {
  it.each([
    [0.2, 30, [0.1, 1, 10, 100]],
    [1, 1000, [1, 10, 100, 1000]],
    [2, 3, [1, 10]],
    [1, 1, [1, 10]],
    [1e-9, 1e3, [1e-9, 1e-7, 1e-5, 1e-3, 0.1, 10, 1000]],
  ])('from %f to %f are powers of ten', (low, high, ticks) => {
    expect(powerTicks(low, high)).toEqual(ticks);
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

  it('draws factors as distances on a logarithmic axis, without values that have no logarithm', () => {
    const values = [100, 10, 1, 0];
    const { text } = lineChart({ ...chart, log: true, series: [{ label: 'a', style: 1, values }] });
    expect(line(text)).toBe('M52 8L168.7 111L285.3 214');
  });

  it('names other positions than epochs', () => {
    const { text } = lineChart({
      ...chart,
      axis: { name: 'modules', texts: ['3a', '3b', '4a', '4b'] },
      series: [{ label: 'a', style: 1, values: [4, 3, 2, 0] }],
    });
    expect(text).toContain('text-anchor="middle">3a</text>');
    expect(text).toContain('<title>3b\na 3</title>');
    expect(text).toContain('Over modules 3a to 4b: a from 4 to 0.');
  });

  it('is a file of its own with title, legend and colours', () => {
    const series = [
      { label: 'a < b', style: 1, values: [4, 3, 2, 0] },
      { label: 'none', style: 2, values: [undefined, undefined, undefined, undefined] },
    ];
    const text = svgFile({ ...chart, series });
    expect(text).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="0 0 436 /);
    expect(text).toContain('>Loss</text>');
    expect(text).toContain('a &lt; b</text>');
    expect(text).not.toContain('none</text>');
    expect(text).not.toContain('var(');
    expect(() => svgFile({ ...chart, series: series.slice(1) })).toThrow(RangeError);
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
