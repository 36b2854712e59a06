import { describe, expect, it } from 'vitest';
import { softLabels, softSets } from './epoch.ts';

const plain = { classes: 4, labelSmoothing: 0, share: 1 };

describe('softLabels', () => {
  it('are one-hot without smoothing and mixing', () => {
    expect([...softLabels(Int32Array.of(2, 0), plain).labels]).toEqual([0, 0, 1, 0, 1, 0, 0, 0]);
  });

  it('give a share to every class with smoothing', () => {
    const { labels } = softLabels(Int32Array.of(1), { ...plain, labelSmoothing: 0.1 });
    expect([...labels].map((p) => Number(p.toFixed(4)))).toEqual([0.025, 0.925, 0.025, 0.025]);
  });

  it('follow the images when they are mixed: image i and image n − 1 − i', () => {
    const { labels } = softLabels(Int32Array.of(0, 1, 2, 3), { ...plain, share: 0.75 });
    expect([...labels.subarray(0, 4)]).toEqual([0.75, 0, 0, 0.25]);
    expect([...labels.subarray(4, 8)]).toEqual([0, 0.75, 0.25, 0]);
  });

  it('carry the weights of their classes; a mix has the weights of both its images', () => {
    const weights = Float32Array.of(0.5, 3);
    const two = { classes: 2, labelSmoothing: 0, share: 1, weights };
    expect([...softLabels(Int32Array.of(0, 1, 1), two).weights]).toEqual([0.5, 3, 3]);
    const share = 0.75;
    const mixed = softLabels(Int32Array.of(0, 1), { ...two, share });
    expect(mixed.weights[0]).toBeCloseTo(0.5 * share + 3 * (1 - share), 5);
    expect(mixed.labels[0]! * mixed.weights[0]!).toBeCloseTo(0.5 * share, 5);
    expect(mixed.labels[1]! * mixed.weights[0]!).toBeCloseTo(3 * (1 - share), 5);
  });

  it('always sum to 1', () => {
    for (const share of [0, 0.3, 1]) {
      const { labels } = softLabels(Int32Array.of(0, 1, 1), {
        classes: 3,
        labelSmoothing: 0.1,
        share,
      });
      for (let i = 0; i < 9; i += 3) {
        expect(labels[i]! + labels[i + 1]! + labels[i + 2]!).toBeCloseTo(1, 5);
      }
    }
  });
});

describe('softSets', () => {
  const three = { classes: 3, labelSmoothing: 0, share: 1 };

  it('are 1 for each class of an image; an image may have none', () => {
    expect([...softSets([[0, 2], []], three).labels]).toEqual([1, 0, 1, 0, 0, 0]);
  });

  it('lie between ε / 2 and 1 − ε / 2 with smoothing', () => {
    const { labels } = softSets([[1]], { ...three, labelSmoothing: 0.1 });
    expect([...labels].map((p) => Number(p.toFixed(4)))).toEqual([0.05, 0.95, 0.05]);
  });

  it('follow the images with mixup: image i and image n − 1 − i', () => {
    const share = 0.75;
    const { labels } = softSets([[0], [0, 1]], { ...three, share });
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
    const two = { classes: 2, labelSmoothing: 0, share: 1, balances };
    expect([...softSets([[0], [1]], two).weights]).toEqual([2, 1, 0.5, 1]);
  });

  it('ask of a mix what both images ask, each with its own weight', () => {
    const balances = [{ shown: 2, absent: 0.5 }];
    const one = { classes: 1, labelSmoothing: 0, share: 0.75, balances };
    const { labels, weights } = softSets([[0], []], one);
    expect(labels[0]! * weights[0]!).toBeCloseTo(0.75 * 2); // of the image that shows the class
    expect((1 - labels[0]!) * weights[0]!).toBeCloseTo(0.25 * 0.5); // of the other
  });
});
