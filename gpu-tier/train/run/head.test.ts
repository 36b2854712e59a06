import { seededNormal } from '@hebb/test/support/random-weights';
import { describe, expect, it } from 'vitest';
import { mirrored } from '../evaluate/crops.ts';
import { evaluateHead, type HeadEpoch, priorBias, trainHead } from './head.ts';

const WIDTH = 16;
const CONFIG = {
  headEpochs: 20,
  batchSize: 8,
  momentum: 0.9,
  weightDecay: 1e-4,
  labelSmoothing: 0.05,
  seed: 2,
};

/** Features of three classes around one centre each, on a scale far smaller than 1. */
function features(images: number, seed: number) {
  const normal = seededNormal(seed);
  const centres = seededNormal(1);
  const centre = Array.from({ length: 3 * WIDTH }, centres);
  const labels = Int32Array.from({ length: images }, (_, i) => i % 3);
  const data = Float32Array.from({ length: images * 2 * WIDTH }, (_, at) => {
    const label = labels[Math.floor(at / (2 * WIDTH))]!;
    return 0.02 * (centre[label * WIDTH + (at % WIDTH)]! + 0.5 * normal());
  });
  return { width: WIDTH, views: 2, data, labels };
}

describe('trainHead', () => {
  it('separates linearly separable classes; the same seed gives the same classifier', () => {
    const epochs: HeadEpoch[] = [];
    const train = features(60, 3);
    const val = features(30, 4);
    const head = trainHead(train, val, 3, CONFIG, (epoch) => epochs.push(epoch));
    expect(evaluateHead(val, head, 3).valTop1).toBe(1);
    expect(epochs).toHaveLength(20);
    expect(epochs.at(-1)!.loss).toBeLessThan(epochs[0]!.loss);
    expect(trainHead(train, val, 3, CONFIG, () => {})).toEqual(head);
  });

  it('learns as fast when all features share a large offset', () => {
    const losses = (shift: number) => {
      const part = features(60, 3);
      const data = part.data.map((value) => value + shift);
      const epochs: HeadEpoch[] = [];
      trainHead({ ...part, data }, features(30, 4), 3, CONFIG, (epoch) => epochs.push(epoch));
      return epochs.map(({ loss }) => loss);
    };
    const without = losses(0);
    for (const [i, loss] of losses(1).entries()) expect(loss).toBeCloseTo(without[i]!, 3);
  });

  it('accepts a constant feature', () => {
    const constant = (part: ReturnType<typeof features>) => ({
      ...part,
      data: part.data.map((value, at) => (at % WIDTH === 5 ? 0.25 : value)),
    });
    const [train, val] = [constant(features(60, 3)), constant(features(30, 4))];
    const head = trainHead(train, val, 3, CONFIG, () => {});
    expect(head.kernel.every(Number.isFinite)).toBe(true);
    expect(evaluateHead(val, head, 3).valTop1).toBe(1);
  });
});

describe('trainHead on images that show several classes', () => {
  /** Each of three classes adds its direction to the features; every eighth image shows none. */
  function several(images: number, seed: number) {
    const normal = seededNormal(seed);
    const direction = Array.from({ length: 3 * WIDTH }, seededNormal(1));
    const sets = Array.from({ length: images }, (_, i) => [0, 1, 2].filter((c) => (i >> c) % 2));
    const data = Float32Array.from({ length: images * 2 * WIDTH }, (_, at) => {
      const set = sets[Math.floor(at / (2 * WIDTH))]!;
      const sum = set.reduce((all, c) => all + direction[c * WIDTH + (at % WIDTH)]!, 0);
      return 0.02 * (sum + 0.3 * normal());
    });
    return { width: WIDTH, views: 2, data, labels: new Int32Array(images), sets };
  }

  it.each(['none', 'weights'] as const)('finds all of them, with --balance %s', (balance) => {
    const epochs: HeadEpoch[] = [];
    const [train, val] = [several(80, 3), several(40, 4)];
    const head = trainHead(train, val, 3, { ...CONFIG, balance }, (epoch) => epochs.push(epoch));
    const { valMap, valPrecisions, valTop1 } = evaluateHead(val, head, 3);
    expect(valMap).toBeGreaterThan(0.95);
    expect(valPrecisions).toHaveLength(3);
    expect(valTop1).toBeUndefined();
    expect(epochs.at(-1)!.loss).toBeLessThan(epochs[0]!.loss);
    expect(epochs.at(-1)!.trainTop1).toBeUndefined();
  });

  it('starts from the share of images that show each class', () => {
    const [common, rare, never] = priorBias([[0], [0], [0, 1], []], 3);
    expect(common).toBeCloseTo(Math.log(3));
    expect(rare).toBeCloseTo(-Math.log(3));
    expect(never).toBeLessThan(rare!);
    expect(Number.isFinite(never)).toBe(true);
  });
});

describe('mirrored', () => {
  it('swaps left and right and keeps the colours', () => {
    const image = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12); // 2×2
    expect([...mirrored(image, 2)]).toEqual([4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9]);
  });
});
