import { describe, expect, it } from 'vitest';
import {
  alexNetParameters,
  compareModules,
  describeNetwork,
  fullyConnectedWeights,
  googlenet,
  otherInception5a,
  PAPER_CLAIMS,
  paperTotals,
  reductionExample,
  separableConv1,
} from '../index.ts';

const network = googlenet({ variant: 'lrn', classes: 1000, inputSize: 224 });
const description = describeNetwork(network);
const row = (name: string) => description.rows.find((r) => r.name === name)!;

describe('the network beside Table 1 of the paper', () => {
  it('has the table’s rows, with the two LRN layers that the table leaves out', () => {
    const names = description.rows.map(({ name }) => name);
    expect(names.filter((name) => row(name).paper)).toHaveLength(19);
    expect(names.filter((name) => !row(name).paper)).toEqual(['norm1', 'norm2']);
  });

  it('has the table’s depths and output sizes', () => {
    for (const { depth, paper } of description.rows) if (paper) expect(depth).toBe(paper.depth);
    expect(row('conv2').output).toEqual([56, 56, 192]);
    expect(row('inception3b').output).toEqual([28, 28, 480]);
    expect(row('inception4e').output).toEqual([14, 14, 832]);
    expect(row('inception5b').output).toEqual([7, 7, 1024]);
  });

  it.each([
    ['conv2', 'K = 1024', 'M = 10⁶'],
    ['inception3a', 'K = 1024 cut off', 'M = 10⁶'],
    ['inception3b', 'K = 1024 + biases', 'M = 10⁶'],
    ['inception4a', undefined, 'M = 10⁶ cut off'],
    ['inception4b', undefined, 'M = 10⁶'],
    ['inception4c', undefined, 'M = 10⁶'],
    ['inception4d', undefined, 'M = 10⁶'],
    ['inception4e', undefined, 'M = 10⁶'],
    ['inception5a', undefined, undefined],
    ['inception5b', undefined, 'M = 10⁶'],
    ['linear', 'K = 1024', 'M = 10⁶'],
    ['conv1', undefined, undefined],
  ])('reads the figures of %s as %s and %s', (name, parameters, operations) => {
    expect(row(name).paper?.parametersRead).toBe(parameters);
    expect(row(name).paper?.operationsRead).toBe(operations);
  });

  it('explains conv1’s 2.7K and 34M by a separable convolution', () => {
    expect(row('conv1')).toMatchObject({ parameters: 9_472, multiplyAdds: 118_013_952 });
    const { parameters, multiplyAdds } = separableConv1();
    expect(parameters).toBe(2_712);
    expect((parameters / 1000).toFixed(1)).toBe('2.7');
    expect(Math.round(multiplyAdds / 1e6)).toBe(34);
  });

  it('explains 5a’s 1072K and 54M by other widths', () => {
    const { parameters, multiplyAdds } = otherInception5a();
    expect(Math.round(parameters / 1024)).toBe(1072);
    expect(Math.round(multiplyAdds / 1e6)).toBe(54);
  });

  it('agrees with the paper’s text on depth and on 1.5 billion operations', () => {
    const { weightLayers, withPooling } = description.totals;
    expect({ weightLayers, withPooling }).toEqual({
      weightLayers: PAPER_CLAIMS.weightLayers,
      withPooling: PAPER_CLAIMS.withPooling,
    });
    expect(paperTotals().operations).toBe(1502);
    expect(paperTotals().parameters).toBeCloseTo(6797.7);
  });
});

describe('what the design saves', () => {
  it('AlexNet has 60,965,224 parameters, 8.7 times as many', () => {
    expect(alexNetParameters()).toBe(60_965_224);
    expect(description.comparisons.alexNet.ratio).toBeCloseTo(8.711, 3);
  });

  it('a fully connected layer would have 51.4 M weights', () => {
    expect(fullyConnectedWeights(network)).toBe(7 * 7 * 1024 * 1024);
  });

  it('a 1×1 reduction makes 5.3 M of 112.9 M operations', () => {
    expect(reductionExample()).toEqual({
      direct: 112_896_000,
      reduce: 1_505_280,
      expand: 3_763_200,
      reduced: 5_268_480,
    });
  });

  it('each naive module costs more, and all together far more', () => {
    const modules = compareModules(network);
    expect(modules).toHaveLength(9);
    expect(modules[0]).toEqual({
      module: 'inception3a',
      inception: { parameters: 163_696, multiplyAdds: 128_049_152 },
      naive: { parameters: 387_296, multiplyAdds: 303_464_448 },
    });
    for (const { inception, naive } of modules) {
      expect(naive.parameters).toBeGreaterThan(2 * inception.parameters);
    }
    expect(description.comparisons.naiveNetwork.parameters).toBe(97_526_008);
  });

  it('auxiliary heads are counted separately', () => {
    const withHeads = describeNetwork(googlenet(network.spec, { auxiliary: true }));
    expect(withHeads.totals).toEqual(description.totals);
    expect(withHeads.auxiliaryHeads?.parameters).toBe(13_378_280 - 6_998_552);
    expect(description.auxiliaryHeads).toBeUndefined();
  });
});
