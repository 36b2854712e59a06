import { describe, expect, it } from 'vitest';
import { RECIPES } from './config.ts';
import { averageDecay, imageSize, learningRate } from './schedule.ts';

describe('learningRate', () => {
  const cosine = { rate: 0.1, schedule: 'cosine', warmup: 5, epochs: 105 } as const;

  it('grows over the warm-up and falls to 0 by a cosine', () => {
    const rates = [0, 2.5, 5, 55, 105].map((epoch) => learningRate(epoch, cosine));
    expect(rates.map((rate) => Number(rate.toFixed(6)))).toEqual([0, 0.05, 0.1, 0.05, 0]);
  });

  it('of the paper falls by 4 % every 8 epochs', () => {
    const paper = { rate: 0.01, schedule: 'paper', warmup: 0, epochs: 100 } as const;
    expect(learningRate(7.99, paper)).toBe(0.01);
    expect(learningRate(8, paper)).toBeCloseTo(0.0096);
    expect(learningRate(80, paper)).toBeCloseTo(0.01 * 0.96 ** 10);
  });
});

describe('imageSize', () => {
  it('grows at the recipe’s shares of the epochs', () => {
    const config = { ...RECIPES.modern, epochs: 100 };
    expect([0, 39, 40, 74, 75, 99].map((epoch) => imageSize(epoch, config))).toEqual([
      96, 96, 128, 128, 160, 160,
    ]);
  });
});

describe('averageDecay', () => {
  it('starts low and grows to the given decay', () => {
    expect(averageDecay(0, 0.998)).toBeCloseTo(0.1);
    expect(averageDecay(90, 0.998)).toBeCloseTo(0.91);
    expect(averageDecay(1_000_000, 0.998)).toBe(0.998);
  });
});
