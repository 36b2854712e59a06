/**
 * Compiles a quantised network into a list of kernel calls with every address settled.
 * @module
 */
import { isPairedExact } from '../../../shared/model/int8/paired.ts';
import type { QuantizedModel } from '../../../shared/model/int8/quantized-model.ts';
import type {
  ConvLayer,
  GlobalAveragePoolLayer,
  Layer,
  LinearLayer,
  LrnLayer,
  MaxPoolLayer,
} from '../../../shared/model/network/layer.ts';
import type { Arena } from './arena.ts';
import { fillConvTable, fillFirstConvTable, tableLength } from './indirection.ts';
import type { ConvName, Kernels } from './kernels.ts';
import { planArena, planViews } from './memory-plan.ts';
import { type ConvShape, convShape, packPanels } from './pack.ts';

/** One kernel call. */
export interface Step {
  readonly layer: Layer;
  /** Which convolution kernel runs, for convolutions. */
  readonly conv?: ConvName;
  readonly run: () => void;
}

/** Where a layer's output lies in wasm memory. */
export interface Place {
  readonly address: number;
  /** Bytes from pixel to pixel. */
  readonly stride: number;
}

export interface Program {
  readonly steps: readonly Step[];
  /** Address that the RGB pixels are copied to. */
  readonly pixels: number;
  readonly places: ReadonlyMap<string, Place>;
}

export function compile(model: QuantizedModel, kernels: Kernels, arena: Arena): Program {
  return new Compiler(model, kernels, arena).compile();
}

class Compiler {
  readonly #model: QuantizedModel;
  readonly #kernels: Kernels;
  readonly #arena: Arena;
  readonly #places: ReadonlyMap<string, Place>;
  readonly #pixels: number;
  /** Zeros that padding reads, as wide as the widest padded input. */
  readonly #zeros: number;
  /** Eight int16 of 1, see conv-paired.ts. */
  readonly #ones: number;
  /** Blocks along one side of the space-to-depth input. */
  readonly #blocks: number;

  constructor(model: QuantizedModel, kernels: Kernels, arena: Arena) {
    this.#model = model;
    this.#kernels = kernels;
    this.#arena = arena;
    const { network } = model;
    const { inputSize } = network.spec;
    this.#ones = arena.place(new Uint16Array(8).fill(1));
    this.#zeros = arena.reserve(Math.max(...network.layers.map((layer) => layer.inputShape[2])));
    this.#pixels = arena.reserve(inputSize ** 2 * 3 + 8); // read 8 bytes at a time
    this.#blocks = Math.floor((inputSize - 1) / 2) + 4; // conv1's outputs and 3 more
    const border = arena.place(borderedInput(model.zeroPoint, this.#blocks));
    const views = planViews(network);
    const plan = planArena(network, views);
    const start = arena.reserve(plan.bytes);
    this.#places = new Map(
      network.layers.map(({ name }) => {
        const { buffer, channel, stride } = views.get(name)!;
        const address = name === 'input' ? border : start + plan.offsets.get(buffer)! + channel;
        return [name, { address, stride }];
      }),
    );
  }

  compile(): Program {
    const steps = this.#model.network.layers.flatMap((layer) => this.#step(layer) ?? []);
    return { steps, pixels: this.#pixels, places: this.#places };
  }

  #step(layer: Layer): Step | undefined {
    switch (layer.kind) {
      case 'input':
        return this.#input(layer);
      case 'conv':
        return this.#conv(layer);
      case 'maxPool':
        return this.#maxPool(layer);
      case 'lrn':
        return this.#lrn(layer);
      case 'globalAveragePool':
        return this.#globalAveragePool(layer);
      case 'linear':
        return this.#linear(layer);
      case 'softmax':
        return this.#softmax(layer);
      default:
        return undefined; // concat and dropout: nothing to do, see planViews
    }
  }

  #input(layer: Layer): Step {
    const { spaceToDepth } = this.#kernels;
    const [size] = layer.shape;
    const [from, to, blocks] = [this.#pixels, this.#output(layer).address, this.#blocks];
    return { layer, run: () => spaceToDepth(from, size, to, blocks) };
  }

  #conv(layer: ConvLayer): Step {
    const { kernel, bias, multiplier } = this.#model.weights.get(layer.name)!;
    const shape = convShape(layer, kernel);
    const conv = this.#kernels.convs.get(this.#choose(shape))!;
    const weights = this.#arena.place(packPanels(shape.rows, layer.shape[2]));
    const biases = this.#arena.place(bias);
    const multipliers = this.#arena.place(multiplier);
    const table = this.#table(layer, shape.taps, conv.tile);
    const { taps, channels } = shape;
    const { address, stride } = this.#output(layer);
    const [h, w, out] = layer.shape;
    const pixels = Math.max(h * w, conv.tile);
    const [run, ones] = [conv.run, this.#ones];
    return {
      layer,
      conv: conv.name,
      run: () =>
        run(
          table,
          taps,
          channels,
          weights,
          biases,
          multipliers,
          address,
          stride,
          pixels,
          out,
          ones,
        ),
    };
  }

  #choose({ rows, taps, channels }: ConvShape): ConvName {
    const { preferred, fallback } = this.#kernels;
    const exact =
      preferred !== 'paired' || (channels % 8 === 0 && isPairedExact(rows, taps * channels));
    return exact ? preferred : fallback;
  }

  #table(layer: ConvLayer, taps: number, tile: number): number {
    const [h, w] = layer.shape;
    const length = tableLength(h * w, taps, tile);
    const address = this.#arena.reserve(length * 4);
    const table = this.#arena.words(address, length);
    const input = this.#input0(layer);
    if (layer.inputs[0] === 'input') {
      fillFirstConvTable(table, layer, tile, input.address, this.#blocks);
    } else {
      fillConvTable(table, layer, tile, input, this.#zeros);
    }
    return address;
  }

  #maxPool(layer: MaxPoolLayer): Step {
    const { maxPool } = this.#kernels;
    const [from, to] = [this.#input0(layer), this.#output(layer)];
    const [height, width, channels] = layer.inputShape;
    const [outHeight, outWidth] = layer.shape;
    const { size, stride, pad } = layer;
    return {
      layer,
      run: () =>
        maxPool(
          ...([from.address, height, width, channels, from.stride, size, stride, pad] as const),
          ...([to.address, outHeight, outWidth, to.stride] as const),
        ),
    };
  }

  #lrn(layer: LrnLayer): Step {
    const { lrn } = this.#kernels;
    const { squareScale, bias, multiplier } = this.#model.lrn.get(layer.name)!;
    const [h, w, channels] = layer.shape;
    const scratch = this.#arena.reserve(2 * channels + 32);
    const [from, to] = [this.#input0(layer).address, this.#output(layer).address];
    return {
      layer,
      run: () => lrn(from, to, h * w, channels, squareScale, bias, multiplier, scratch),
    };
  }

  #globalAveragePool(layer: GlobalAveragePoolLayer): Step {
    const { globalAveragePool } = this.#kernels;
    const [from, to] = [this.#input0(layer), this.#output(layer)];
    const [h, w, channels] = layer.inputShape;
    const multiplier = this.#model.averagePoolMultiplier;
    return {
      layer,
      run: () =>
        globalAveragePool(from.address, h * w, channels, from.stride, multiplier, to.address),
    };
  }

  #linear(layer: LinearLayer): Step {
    const { linear } = this.#kernels;
    const { kernel, bias, multiplier } = this.#model.weights.get(layer.name)!;
    const classes = layer.shape[2];
    const channels = layer.inputShape[2];
    const padded = Math.ceil(classes / 8) * 8;
    const weights = this.#arena.place(packPanels(kernel, classes));
    const biases = this.#arena.reserve(padded * 4);
    this.#arena.words(biases, classes).set(bias);
    const scales = this.#arena.reserve(padded * 4);
    new Float32Array(this.#arena.words(scales, classes).buffer, scales, classes).set(multiplier);
    const [from, to] = [this.#input0(layer).address, this.#output(layer).address];
    return { layer, run: () => linear(from, channels, weights, biases, scales, to, padded) };
  }

  #softmax(layer: Layer): Step {
    const { softmax } = this.#kernels;
    const classes = layer.shape[2];
    const [from, to] = [this.#input0(layer).address, this.#output(layer).address];
    return { layer, run: () => softmax(from, classes, to) };
  }

  #input0(layer: Layer): Place {
    return this.#places.get(layer.inputs[0]!)!;
  }

  #output(layer: Layer): Place {
    return this.#places.get(layer.name)!;
  }
}

/** The space-to-depth input with every pixel at its colour's zero point; the image overwrites its part. */
function borderedInput(zeroPoint: Uint8Array, blocks: number): Uint8Array {
  return new Uint8Array(blocks * blocks * 12).map((_, i) => zeroPoint[i % 3]!);
}
