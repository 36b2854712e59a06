import { HebbError } from '../errors.ts';
import {
  convOutput,
  type Layer,
  type LrnLayer,
  poolOutput,
  type Section,
  type Shape,
} from './layer.ts';

/** A handle for an added layer; pass it to the next one. */
export interface Node {
  readonly name: string;
  readonly shape: Shape;
}

export interface ConvOptions {
  readonly size: number;
  readonly out: number;
  readonly stride?: number;
  /** Default: half the kernel, which keeps height and width at stride 1. */
  readonly pad?: number;
}

/** Collects layers in reading order and infers every shape as it goes. */
export class NetworkBuilder {
  readonly layers: Layer[] = [];
  readonly #batchNorm: boolean;
  #section: Section = 'trunk';

  constructor(options: { batchNorm: boolean }) {
    this.#batchNorm = options.batchNorm;
  }

  /** Layers added from now on belong to this section. */
  section(section: Section): void {
    this.#section = section;
  }

  input(height: number, width: number, channels: number): Node {
    const shape: Shape = [height, width, channels];
    return this.#add({ kind: 'input', ...this.#base('input', [], shape, shape) });
  }

  conv(name: string, from: Node, options: ConvOptions): Node {
    const { size, out, stride = 1, pad = size >> 1 } = options;
    const [h, w] = from.shape;
    const shape: Shape = [convOutput(h, size, stride, pad), convOutput(w, size, stride, pad), out];
    const base = this.#base(name, [from], from.shape, shape);
    return this.#add({ kind: 'conv', ...base, size, stride, pad, batchNorm: this.#batchNorm });
  }

  maxPool(name: string, from: Node, size: number, stride: number, pad = 0): Node {
    const [h, w, c] = from.shape;
    const shape: Shape = [poolOutput(h, size, stride, pad), poolOutput(w, size, stride, pad), c];
    const base = this.#base(name, [from], from.shape, shape);
    return this.#add({ kind: 'maxPool', ...base, size, stride, pad });
  }

  averagePool(name: string, from: Node, size: number, stride: number): Node {
    const [h, w, c] = from.shape;
    const shape: Shape = [convOutput(h, size, stride, 0), convOutput(w, size, stride, 0), c];
    const base = this.#base(name, [from], from.shape, shape);
    return this.#add({ kind: 'averagePool', ...base, size, stride });
  }

  globalAveragePool(name: string, from: Node): Node {
    const base = this.#base(name, [from], from.shape, [1, 1, from.shape[2]]);
    return this.#add({ kind: 'globalAveragePool', ...base });
  }

  lrn(name: string, from: Node, options: Pick<LrnLayer, 'size' | 'alpha' | 'beta' | 'bias'>): Node {
    const base = this.#base(name, [from], from.shape, from.shape);
    return this.#add({ kind: 'lrn', ...base, ...options });
  }

  concat(name: string, from: readonly Node[]): Node {
    const [h, w] = from[0]!.shape;
    const channels = from.reduce((sum, node) => sum + node.shape[2], 0);
    const shape: Shape = [h, w, channels];
    return this.#add({ kind: 'concat', ...this.#base(name, from, shape, shape) });
  }

  dropout(name: string, from: Node, rate: number): Node {
    const base = this.#base(name, [from], from.shape, from.shape);
    return this.#add({ kind: 'dropout', ...base, rate });
  }

  linear(name: string, from: Node, out: number, options: { relu?: boolean } = {}): Node {
    const base = this.#base(name, [from], from.shape, [1, 1, out]);
    return this.#add({ kind: 'linear', ...base, relu: options.relu ?? false });
  }

  softmax(name: string, from: Node): Node {
    const base = this.#base(name, [from], from.shape, from.shape);
    return this.#add({ kind: 'softmax', ...base });
  }

  sigmoid(name: string, from: Node): Node {
    const base = this.#base(name, [from], from.shape, from.shape);
    return this.#add({ kind: 'sigmoid', ...base });
  }

  #base(name: string, from: readonly Node[], inputShape: Shape, shape: Shape) {
    if (Math.min(...shape) < 1) throw inputTooSmall(name);
    return { name, section: this.#section, inputs: from.map((n) => n.name), inputShape, shape };
  }

  #add(layer: Layer): Node {
    this.layers.push(layer);
    return layer;
  }
}

/** The error for an input that is too small for this layer. */
export const inputTooSmall = (layer: string) =>
  new HebbError('invalid_argument', `The input is too small: nothing is left for ${layer}.`, {
    hint: 'Use a larger input: at least 31 pixels a side, 63 with auxiliary heads.',
  });
