/**
 * Memory management for the Emscripten heap of tfjs-backend-wasm.
 * @module
 */
import type * as Tfjs from '@tensorflow/tfjs-core';
import type { EmscriptenModule, TfjsRuntime } from './boot.ts';

/**
 * Grows the heap in one step. By default it grows by a fifth whenever it is full (Emscripten's
 * `resize_heap`), so it can end a fifth larger than necessary.
 */
export function reserveHeap(wasm: EmscriptenModule, bytes: number): void {
  wasm._free(wasm._malloc(bytes));
}

/** Frees a tensor's memory and keeps its id. The tensor must not be read afterwards. */
export function freeTensor({ backend, wasm }: TfjsRuntime, tensor: Tfjs.Tensor): void {
  const data = backend.dataIdMap.get(tensor.dataId);
  wasm._free(data.memoryOffset);
  data.memoryOffset = 0; // free(0) does nothing if the tensor is disposed later
}

/** Where a copy that C++ is about to make will lie, and how to recognise it. */
export interface ExpectedCopy {
  readonly address: number;
  /** Some of its values with their indices in the copy. */
  readonly samples: readonly (readonly [index: number, value: number])[];
}

const SAMPLES = 64;

/**
 * Predicts the address of the transposed kernel that the next convolution will make: the allocator
 * returns the same address for a block of the same size. The block is zeroed, so the samples are found
 * there afterwards only if the copy was written there.
 * @param kernel float32 [inputs, outputs], row-major; the copy is [outputs, inputs]
 */
export function copyOf(
  wasm: EmscriptenModule,
  kernel: Float32Array,
  outputs: number,
): ExpectedCopy {
  const address = wasm._malloc(kernel.byteLength);
  wasm.HEAPU8.fill(0, address, address + kernel.byteLength);
  wasm._free(address);
  const inputs = kernel.length / outputs;
  const step = Math.max(1, Math.floor(kernel.length / SAMPLES));
  const samples: [number, number][] = [];
  for (let i = 0; i < kernel.length; i += step) {
    const copied = (i % outputs) * inputs + Math.floor(i / outputs);
    if (kernel[i] !== 0) samples.push([copied, kernel[i]!]);
  }
  return { address, samples };
}

/** Frees the copy if it lies at the expected address. @returns whether it did */
export function freeCopy(wasm: EmscriptenModule, { address, samples }: ExpectedCopy): boolean {
  const heap = new Float32Array(wasm.HEAPU8.buffer);
  const found =
    samples.length > 0 && samples.every(([i, value]) => heap[address / 4 + i] === value);
  if (found) wasm._free(address);
  return found;
}
