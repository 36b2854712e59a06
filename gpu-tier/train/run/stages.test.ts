import { googlenet } from '@hebb/model';
import { describe, expect, it } from 'vitest';
import { RECIPES } from './config.ts';
import { layerRates, stageOf } from './stages.ts';

const network = googlenet({ variant: 'lrn', classes: 5, inputSize: 224 });
const rateOf = (
  layer: string,
  from: string | undefined,
  { init = 'models/imagenet', trunkRate = 1 } = {},
) => {
  const rates = layerRates(network, { size: 224, from }, { trunkRate, layerDecay: 0.5, init });
  return rates(network.layers.find(({ name }) => name === layer)!);
};

describe('stageOf', () => {
  const config = {
    ...RECIPES.transfer,
    name: 'x',
    data: 'x',
    epochs: 6,
    unfreeze: ['inception5b', 'inception5a', 'inception4a'],
  };

  it('unfreezes in equal parts of the epochs', () => {
    const from = [0, 1, 2, 3, 4, 5].map((epoch) => stageOf(epoch, config).from);
    expect(from).toEqual([
      ...['inception5b', 'inception5b', 'inception5a'],
      ...['inception5a', 'inception4a', 'inception4a'],
    ]);
  });

  it('trains everything when no layer is named', () => {
    expect(stageOf(3, { ...config, unfreeze: [] }).from).toBeUndefined();
  });
});

describe('layerRates', () => {
  it('freezes the layers before the first trained one', () => {
    expect(rateOf('inception4e/1x1', 'inception5a')).toBe(0);
    expect(rateOf('inception5a/1x1', 'inception5a')).toBe(0.5);
    expect(rateOf('linear', 'inception5a')).toBe(1);
  });

  it('halves the rate for each group of deeper layers', () => {
    const layers = ['linear', 'inception5b/3x3', 'inception4c/3x3', 'inception3a/3x3', 'conv1'];
    expect(layers.map((layer) => rateOf(layer, undefined))).toEqual([1, 0.5, 0.25, 0.125, 0.0625]);
  });

  it('slows the trunk down, and not the classifier', () => {
    expect(rateOf('linear', undefined, { trunkRate: 0.1 })).toBe(1);
    expect(rateOf('inception5b/3x3', undefined, { trunkRate: 0.1 })).toBeCloseTo(0.05, 12);
  });

  it('is 1 everywhere from scratch', () => {
    expect(rateOf('conv1', undefined, { init: 'scratch' })).toBe(1);
  });

  it('refuses an unknown layer', () => {
    expect(() => rateOf('conv1', 'inception6a')).toThrow('The network has no layer inception6a.');
  });
});
