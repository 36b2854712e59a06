import { describe, expect, it } from 'vitest';
import {
  googlenet,
  layerCost,
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
