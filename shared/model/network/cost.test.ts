import { describe, expect, it } from 'vitest';
import {
  googlenet,
  layerCost,
  layerParameters,
  moduleCount,
  networkCost,
  networkDepth,
  type Variant,
} from '../index.ts';

const build = (variant: Variant, auxiliary = false, classes = 1000) =>
  googlenet({ variant, classes, inputSize: 224 }, { auxiliary });

describe('what the networks cost', () => {
  // The published counts of BVLC's and torchvision's models.
  it.each([
    ['lrn', 6_998_552, 1_582_671_872],
    ['bn3x3', 6_624_904, 1_498_376_192],
    ['bn5x5', 7_005_832, 1_582_671_872],
    ['naive', 97_526_008, 12_568_061_056],
  ] as const)('%s: %i parameters, %i multiply-adds', (variant, parameters, multiplyAdds) => {
    expect(networkCost(build(variant))).toEqual({ parameters, multiplyAdds });
  });

  it('counts torchvision’s auxiliary heads as torchvision does', () => {
    expect(networkCost(build('bn3x3', true)).parameters).toBe(13_004_888);
  });

  it('counts 22 layers with weights and 27 with pooling, whatever the heads', () => {
    for (const auxiliary of [false, true]) {
      expect(networkDepth(build('lrn', auxiliary).layers)).toEqual({
        weightLayers: 22,
        withPooling: 27,
      });
    }
    expect(moduleCount(build('lrn'))).toBe(9);
  });

  it('scales the head with the classes and nothing else', () => {
    const five = networkCost(build('lrn', false, 5));
    const thousand = networkCost(build('lrn'));
    expect(thousand.parameters - five.parameters).toBe(995 * (1024 + 1));
    expect(thousand.multiplyAdds - five.multiplyAdds).toBe(995 * 1024);
  });

  it('a fully connected head has 51.4 M weights more, and the same depth', () => {
    const spec = { variant: 'lrn', classes: 1000, inputSize: 224 } as const;
    const connected = googlenet({ ...spec, head: 'fullyConnected' });
    const [own, pooled] = [networkCost(connected), networkCost(googlenet(spec))];
    expect(own.parameters - pooled.parameters).toBe(7 * 7 * 1024 * 1024 + 1024);
    expect(own.multiplyAdds - pooled.multiplyAdds).toBe(7 * 7 * 1024 * 1024);
    expect(networkDepth(connected.layers)).toEqual({ weightLayers: 23, withPooling: 27 });
    const head = connected.layers.filter(({ section }) => section === 'head');
    expect(head.map(({ name, shape }) => [name, ...shape])).toEqual([
      ['fc', 1, 1, 1024],
      ['dropout', 1, 1, 1024],
      ['linear', 1, 1, 1000],
      ['softmax', 1, 1, 1000],
    ]);
  });

  it('the kernel of a fully connected head depends on the input size', () => {
    const kernel = (inputSize: number) => {
      const spec = { variant: 'lrn', classes: 5, inputSize, head: 'fullyConnected' } as const;
      const fc = googlenet(spec).layers.find(({ name }) => name === 'fc')!;
      return layerParameters(fc)[0]!.shape;
    };
    expect(kernel(64)).toEqual([2 * 2 * 1024, 1024]);
    expect(kernel(96)).toEqual([3 * 3 * 1024, 1024]);
  });

  it('counts a single layer by hand', () => {
    const layer = (name: string) => build('lrn').layers.find((l) => l.name === name)!;
    expect(layerCost(layer('conv1'))).toEqual({
      parameters: 7 * 7 * 3 * 64 + 64,
      multiplyAdds: 112 * 112 * 7 * 7 * 3 * 64,
    });
    expect(layerCost(layer('norm1'))).toEqual({ parameters: 0, multiplyAdds: 0 });
    expect(layerCost(layer('linear'))).toEqual({ parameters: 1_025_000, multiplyAdds: 1_024_000 });
  });
});
