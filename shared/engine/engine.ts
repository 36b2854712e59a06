import { HebbError } from '@hebb/model/errors';
import { type QuantizedModel, readQuantizedModel } from '@hebb/model/int8/quantized-model';
import { answerLayer, type NetworkSpec } from '@hebb/model/network/googlenet';
import { readSafetensors } from '@hebb/model/package/safetensors';
import { Arena } from './arena.ts';
import { compile } from './compile.ts';
import { instantiateKernels, type KernelChoice } from './kernels.ts';
import type { Step } from './step.ts';

/** What every engine of the edge offers, whatever it computes with. */
export interface Engine {
  readonly name: string;
  /** Side of the square input, pixels. */
  readonly inputSize: number;
  readonly classes: number;
  /**
   * Classifies one image.
   * @param pixels uint8 RGB [inputSize, inputSize, 3], 0..255; the engine normalises them
   * @returns probabilities, float32 [classes], in an array of the caller's own
   * @throws `invalid_argument` for another number of bytes (int8)
   * @example
   * const probabilities = engine.classify(new Uint8Array(engine.inputSize ** 2 * 3)); // black
   * console.log(probabilities.indexOf(Math.max(...probabilities)));
   */
  classify(pixels: Uint8Array): Float32Array;
  /** Bytes that the engine holds: its WebAssembly memory, weights and tables. */
  memoryBytes(): number;
}

export interface Int8Engine extends Engine {
  readonly name: 'int8';
  /** The kernel calls in order, as `classify` runs them. For tests and benchmarks. */
  readonly steps: readonly Step[];
  /** Copies uint8 RGB [inputSize, inputSize, 3] in without running a step. */
  setPixels(pixels: Uint8Array): void;
  /**
   * Copies a layer's activations, uint8 0..127 [height, width, channels]. Valid only right after the
   * layer's step, because buffers are reused.
   */
  activations(layer: string): Uint8Array;
  /** Copies float32 [classes] of `linear` (logits), `softmax` or `sigmoid`, right after its step. */
  numbers(layer: string): Float32Array;
}

/**
 * Loads a quantised model into a WebAssembly memory of its own. Afterwards a classification allocates
 * only the 4 · classes bytes of its result.
 *
 * @param module the relaxed SIMD or the simd128 build of the kernels, see `supportsRelaxedSimd`
 * @param weights the bytes of `weights.int8.safetensors`; not kept
 * @throws `invalid_package` for weights that do not belong to the network or are out of range;
 *   `model_unavailable` when there is no memory left
 * @example
 * const module = await WebAssembly.compile(bytes); // relaxed.wasm where supportsRelaxedSimd()
 * const engine = loadEngine(module, manifest.network, weights);
 * const probabilities = engine.classify(pixels);
 */
export function loadEngine(
  module: WebAssembly.Module,
  spec: NetworkSpec,
  weights: Uint8Array<ArrayBuffer>,
  choice: KernelChoice = {},
): Int8Engine {
  return engineOf(module, readQuantizedModel(spec, readSafetensors(weights)), choice);
}

/** `loadEngine` for a model that has been read already. */
export function engineOf(
  module: WebAssembly.Module,
  model: QuantizedModel,
  choice: KernelChoice = {},
): Int8Engine {
  const { inputSize, classes } = model.network.spec;
  const answer = answerLayer(model.network.spec);
  const kernels = instantiateKernels(module, choice);
  const program = compile(model, kernels, new Arena(kernels.memory));
  const { steps, places } = program;
  const { buffer } = kernels.memory; // does not grow from here on
  const input = new Uint8Array(buffer, program.pixels, inputSize * inputSize * 3);
  const numbers = (layer: string) =>
    new Float32Array(buffer, places.get(layer)!.address, classes).slice();
  const shapes = new Map(model.network.layers.map((layer) => [layer.name, layer.shape]));

  const setPixels = (pixels: Uint8Array): void => {
    if (pixels.length !== input.length) {
      const expected = `${inputSize}×${inputSize}×3 = ${input.length}`;
      throw new HebbError('invalid_argument', `${pixels.length} bytes of pixels, not ${expected}.`);
    }
    input.set(pixels);
  };

  return {
    name: 'int8',
    inputSize,
    classes,
    steps,
    setPixels,
    classify(pixels) {
      setPixels(pixels);
      for (const step of steps) step.run();
      return numbers(answer);
    },
    activations(layer) {
      const [h, w, channels] = shapes.get(layer)!;
      const { address, stride } = places.get(layer)!;
      const dense = new Uint8Array(h * w * channels);
      for (let p = 0; p < h * w; p++) {
        const pixel = new Uint8Array(buffer, address + p * stride, channels);
        dense.set(pixel, p * channels);
      }
      return dense;
    },
    numbers,
    memoryBytes: () => buffer.byteLength,
  };
}
