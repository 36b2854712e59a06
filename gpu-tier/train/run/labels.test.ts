import { describe, expect, it } from 'vitest';
import { softLabels } from './epoch.ts';

const plain = { classes: 4, labelSmoothing: 0, share: 1 };

describe('softLabels', () => {
  it('are one-hot without smoothing and mixing', () => {
    expect([...softLabels(Int32Array.of(2, 0), plain)]).toEqual([0, 0, 1, 0, 1, 0, 0, 0]);
  });

  it('give a share to every class with smoothing', () => {
    const labels = softLabels(Int32Array.of(1), { ...plain, labelSmoothing: 0.1 });
    expect([...labels].map((p) => Number(p.toFixed(4)))).toEqual([0.025, 0.925, 0.025, 0.025]);
  });

  it('follow the images when they are mixed: image i and image n − 1 − i', () => {
    const labels = softLabels(Int32Array.of(0, 1, 2, 3), { ...plain, share: 0.75 });
    expect([...labels.subarray(0, 4)]).toEqual([0.75, 0, 0, 0.25]);
    expect([...labels.subarray(4, 8)]).toEqual([0, 0.75, 0.25, 0]);
  });

  it('always sum to 1', () => {
    for (const share of [0, 0.3, 1]) {
      const labels = softLabels(Int32Array.of(0, 1, 1), { classes: 3, labelSmoothing: 0.1, share });
      for (let i = 0; i < 9; i += 3) {
        expect(labels[i]! + labels[i + 1]! + labels[i + 2]!).toBeCloseTo(1, 5);
      }
    }
  });
});
