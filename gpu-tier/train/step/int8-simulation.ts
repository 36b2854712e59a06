/**
 * Simulates the edge's int8 arithmetic (docs/quantization.md, w8a7) in a training graph: weights and activations are
 * rounded as there, and gradients ignore the rounding.
 * @module
 */
import {
  activationScales,
  INPUT_SCALE,
  type Layer,
  layerParameters,
  type Network,
  type Preprocessing,
} from '@hebb/model';
import {
  type FakeQuantKernelOptions,
  fakeQuantActivations,
  fakeQuantKernel,
} from '@hebb/tensorflow/autodiff/fake-quant';
import type { Tape } from '@hebb/tensorflow/autodiff/tape';
import { attr, type GraphBuilder, type Value } from '@hebb/tensorflow/graph/graph-builder';

/**
 * The variable of a layer's range: the natural logarithm of the largest activation that its 7 bits represent, float32
 * []. The branches of a module share the range of their concatenation.
 */
export const rangeName = (layer: string): string => `${layer}/range`;

/** The layers whose output has a range of its own. */
export function layersWithRange(network: Network): readonly string[] {
  const layers = new Set<string>();
  activationScales(network, (layer) => {
    layers.add(layer);
    return 1;
  });
  return [...layers];
}

/** The part of a network with one set of variables, on one tape. */
export class Int8Simulation {
  readonly #t: Tape;
  readonly #layers: ReadonlySet<string>;
  readonly #kernels = new Map<string, FakeQuantKernelOptions>();
  readonly #done = new Map<string, Value>();

  /** @param network with batch norm folded, without auxiliary heads */
  constructor(t: Tape, network: Network, pixels: Pick<Preprocessing, 'channelOrder' | 'scale'>) {
    this.#t = t;
    this.#layers = new Set(layersWithRange(network));
    for (const layer of network.layers) {
      const kernel = layerParameters(layer).find(({ name }) => name.endsWith('/kernel'));
      if (!kernel) continue;
      const isFirst = layer.inputs[0] === 'input';
      const { shape } = kernel;
      this.#kernels.set(kernel.name, isFirst ? { shape, pixels } : { shape });
    }
  }

  /** A kernel rounded to int8; biases have 32 bits and stay as they are. */
  parameter(name: string, value: Value): Value {
    const kernel = this.#kernels.get(name);
    if (!kernel) return value;
    const known = this.#done.get(name);
    if (known) return known;
    const rounded = fakeQuantKernel(this.#t, `${name}/int8`, value, kernel);
    this.#done.set(name, rounded);
    return rounded;
  }

  /** A layer's output rounded to 7 bits, if the layer has a range. */
  activation({ name }: Layer, y: Value, range: (variable: string) => Value): Value {
    if (!this.#layers.has(name)) return y;
    return fakeQuantActivations(this.#t, `${name}/u7`, y, range(rangeName(name)));
  }
}

/** uint8 pixels without their lowest bit: the edge reads `pixel >> 1`. */
export function halvedPixels(g: GraphBuilder, name: string, pixels: Value): Value {
  const mask = g.constant(`${name}/mask`, 'uint8', [], Uint8Array.of(256 - INPUT_SCALE));
  const attrs = { T: attr.type('uint8') };
  return g.add('BitwiseAnd', name, { inputs: [pixels, mask], attrs, dtype: 'uint8' });
}

/** A halved pixel q stands for 2q + ½ (docs/quantization.md). */
export const HALVED_OFFSET = 0.5;
