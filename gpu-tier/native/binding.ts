/**
 * TensorFlow's C API as the addon of @tensorflow/tfjs-node-gpu shows it to JavaScript
 * (binding/tfjs_binding.cc; the package's own declarations drag in all of tfjs).
 *
 * Every call is synchronous, and tensors live until `deleteTensor`. A call that throws may leak the
 * tensors it was given: keep a model in a process of its own.
 * @module
 */
import { createRequire } from 'node:module';
import { HebbError } from '../../shared/model/errors.ts';

/** A tensor that TensorFlow holds; `dtype` is a TF_DataType (c/tf_datatype.h). */
export interface TensorInfo {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** An attribute of an op; `type` is one of `TF_ATTR_…`. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: boolean | number | string | readonly number[];
}

export type TensorData = Float32Array | Int32Array | Uint8Array;

export interface Binding {
  /**
   * A new tensor's id. Its memory is that of `data` wherever the alignment allows: leave it alone
   * until the tensor is deleted.
   */
  createTensor(shape: readonly number[], dtype: number, data: TensorData): number;
  deleteTensor(id: number): void;
  /** A copy of the tensor's elements; waits for the device. */
  tensorDataSync(id: number): TensorData;
  /** Runs one op eagerly. */
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): TensorInfo[];
  /** Loads a SavedModel's graph and runs its initialisers; `tags` as in `serve`. Returns its id. */
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  /**
   * One `Session::Run`. `inputNames` and `outputNames` are tensors of the graph, with commas between
   * and always with the output's index: `image:0,label:0`.
   */
  runSavedModel(
    model: number,
    inputs: readonly number[],
    inputNames: string,
    outputNames: string,
  ): TensorInfo[];
  getNumOfSavedModels(): number;
  /** Tensors that were not deleted. */
  getNumOfTensors(): number;
  /** True when TensorFlow found a GPU that it can use. */
  isUsingGpuDevice(): boolean;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_INT64: number;
  readonly TF_BOOL: number;
  readonly TF_STRING: number;
  readonly TF_UINT8: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_SHAPE: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_TYPE: number;
  /** Of libtensorflow itself: `2.21.0`. */
  readonly TF_Version: string;
}

/**
 * Loads the addon, and with it libtensorflow (0.2 s, and the address space of this process): call it
 * in the process that runs models. Logs of TensorFlow obey the process's TF_CPP_MIN_LOG_LEVEL.
 *
 * Throws `native_unavailable` when the addon does not load.
 */
export function loadBinding(addon: string): Binding {
  try {
    // Node-API keeps the addon's binary interface stable, so it loads in every Node from 12.22 on.
    return createRequire(import.meta.url)(addon) as Binding;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HebbError('native_unavailable', `TensorFlow does not load: ${why}`, {
      hint: 'Build it again: hebb native install --force',
      cause,
    });
  }
}
