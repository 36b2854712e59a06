/**
 * TensorFlow's C API as the addon of @tensorflow/tfjs-node-gpu exposes it (binding/tfjs_binding.cc; the package's
 * own declarations import all of tfjs).
 *
 * All calls are synchronous, and tensors live until `deleteTensor`. A call that throws may leak its input tensors,
 * which is one reason why each model runs in a process of its own.
 * @module
 */
import { createRequire } from 'node:module';
import { HebbError } from '@hebb/model/errors';

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
   * Returns the id of a new tensor. It shares the memory of `data` if that lies at a multiple of 64 bytes: do not
   * change `data` until the tensor is deleted, and let no variable keep it (see `unsharedCopy`).
   */
  createTensor(shape: readonly number[], dtype: number, data: TensorData): number;
  deleteTensor(id: number): void;
  /** A copy of the tensor's elements. Waits for the device. */
  tensorDataSync(id: number): TensorData;
  /** Runs one op eagerly. */
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): TensorInfo[];
  /** Loads the graph of a SavedModel with these tags (`serve`), runs its initialisers, and returns its id. */
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  /**
   * One `Session::Run`. `inputNames` and `outputNames` are comma-separated tensors of the graph with output index:
   * `image:0,label:0`.
   */
  runSavedModel(
    model: number,
    inputs: readonly number[],
    inputNames: string,
    outputNames: string,
  ): TensorInfo[];
  getNumOfSavedModels(): number;
  /** Number of tensors that are not deleted. */
  getNumOfTensors(): number;
  /** True if TensorFlow found a usable GPU. */
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
  /** Version of libtensorflow: `2.21.0`. */
  readonly TF_Version: string;
}

/**
 * Loads the addon and libtensorflow into this process (0.2 s). TensorFlow's log level is TF_CPP_MIN_LOG_LEVEL of the
 * process.
 *
 * Throws `native_unavailable` when the addon does not load.
 */
export function loadBinding(addon: string): Binding {
  try {
    // The binary interface of Node-API is stable, so the addon loads in every Node from 12.22 on.
    return createRequire(import.meta.url)(addon) as Binding;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HebbError('native_unavailable', `TensorFlow does not load: ${why}`, {
      hint: 'Reinstall it: hebb native install --force',
      cause,
    });
  }
}
