import { describe, expect, it } from 'vitest';
import { softLabels, softSets } from './epoch.ts';

const plain = { classes: 4, labelSmoothing: 0, mixup: 0 };

describe('softLabels', () => {
  it('are one-hot without smoothing and mixup', () => {
    const { labels, shares } = softLabels(Int32Array.of(2, 0), plain, 1);
    expect([...labels]).toEqual([0, 0, 1, 0, 1, 0, 0, 0]);
    expect([...shares]).toEqual([1, 1]);
  });

  it('give a share to every class with smoothing', () => {
    const { labels } = softLabels(Int32Array.of(1), { ...plain, labelSmoothing: 0.1 }, 1);
    expect([...labels].map((p) => Number(p.toFixed(4)))).toEqual([0.025, 0.925, 0.025, 0.025]);
  });

  it('follow the images with mixup: image i and image n − 1 − i', () => {
    const { labels, shares } = softLabels(Int32Array.of(0, 1, 2, 3), { ...plain, mixup: 0.4 }, 5);
    const share = shares[0]!;
    expect(new Set(shares).size).toBe(1);
    expect(share).toBeGreaterThan(0);
    expect(labels[0]).toBeCloseTo(share);
    expect(labels[3]).toBeCloseTo(1 - share);
    expect(labels[4 + 1]).toBeCloseTo(share);
    expect(labels[4 + 2]).toBeCloseTo(1 - share);
  });

  it('carry the weights of their classes; a mix has the weights of both its images', () => {
    const weights = Float32Array.of(0.5, 3);
    const two = { classes: 2, labelSmoothing: 0, mixup: 0, weights };
    expect([...softLabels(Int32Array.of(0, 1, 1), two, 1).weights]).toEqual([0.5, 3, 3]);
    const mixed = softLabels(Int32Array.of(0, 1), { ...two, mixup: 0.4 }, 5);
    const share = mixed.shares[0]!;
    expect(mixed.weights[0]).toBeCloseTo(0.5 * share + 3 * (1 - share), 5);
    expect(mixed.labels[0]! * mixed.weights[0]!).toBeCloseTo(0.5 * share, 5);
    expect(mixed.labels[1]! * mixed.weights[0]!).toBeCloseTo(3 * (1 - share), 5);
  });

  it('always sum to 1', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { labels } = softLabels(
        Int32Array.of(0, 1, 1),
        { classes: 3, labelSmoothing: 0.1, mixup: 0.2 },
        seed,
      );
      for (let i = 0; i < 9; i += 3) {
        expect(labels[i]! + labels[i + 1]! + labels[i + 2]!).toBeCloseTo(1, 5);
      }
    }
  });
});

describe('softSets', () => {
  const three = { classes: 3, labelSmoothing: 0, mixup: 0 };

  it('are 1 for each class of an image; an image may have none', () => {
    expect([...softSets([[0, 2], []], three, 1).labels]).toEqual([1, 0, 1, 0, 0, 0]);
  });

  it('lie between ε / 2 and 1 − ε / 2 with smoothing', () => {
    const { labels } = softSets([[1]], { ...three, labelSmoothing: 0.1 }, 1);
    expect([...labels].map((p) => Number(p.toFixed(4)))).toEqual([0.05, 0.95, 0.05]);
  });

  it('follow the images with mixup: image i and image n − 1 − i', () => {
    const { labels, shares } = softSets([[0], [0, 1]], { ...three, mixup: 0.4 }, 5);
    const share = shares[0]!;
    expect([...labels.slice(0, 3)]).toEqual([
      expect.closeTo(1),
      expect.closeTo(1 - share),
      expect.closeTo(0),
    ]);
    expect(labels[3 + 1]).toBeCloseTo(share);
  });

  it('weigh the images of a class and the others, by their own weights', () => {
    const balances = [
      { shown: 2, absent: 0.5 },
      { shown: 1, absent: 1 },
    ];
    const two = { classes: 2, labelSmoothing: 0, mixup: 0, balances };
    expect([...softSets([[0], [1]], two, 1).weights]).toEqual([2, 1, 0.5, 1]);
  });
});
