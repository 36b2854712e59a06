/**
 * GraphDef and SavedModel as plain objects, with the names of TensorFlow's .proto files.
 * @module
 */
import protobuf from 'protobufjs/light.js';
import { TENSORFLOW_DESCRIPTOR } from './descriptor.ts';

/** The types of tensorflow/core/framework/types.proto that are used here. */
export const DATA_TYPE = {
  float32: 1,
  int32: 3,
  uint8: 4,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  resource: 20,
} as const;

export type DataType = keyof typeof DATA_TYPE;

export interface TensorShapeProto {
  /** −1 is a dynamic size. */
  readonly dim: readonly { readonly size: number }[];
}

export interface TensorProto {
  readonly dtype: number;
  readonly tensor_shape: TensorShapeProto;
  /** Little-endian, row-major. */
  readonly tensor_content: Uint8Array;
}

export interface ListValue {
  readonly s?: readonly Uint8Array[];
  readonly i?: readonly number[];
  readonly f?: readonly number[];
  readonly type?: readonly number[];
  readonly shape?: readonly TensorShapeProto[];
}

/** A oneof: exactly one field is set. */
export interface AttrValue {
  readonly list?: ListValue;
  readonly s?: Uint8Array;
  readonly i?: number;
  readonly f?: number;
  readonly b?: boolean;
  readonly type?: number;
  readonly shape?: TensorShapeProto;
  readonly tensor?: TensorProto;
}

export interface NodeDef {
  readonly name: string;
  readonly op: string;
  /** `node`, `node:1` for its second output, `^node` for "after node". */
  readonly input: readonly string[];
  /** `/device:GPU:1`; empty lets TensorFlow choose. */
  readonly device?: string;
  readonly attr: Readonly<Record<string, AttrValue>>;
}

export interface GraphDef {
  readonly node: readonly NodeDef[];
  readonly versions: { readonly producer: number; readonly min_consumer: number };
}

export interface TensorInfo {
  /** `node:0`. */
  readonly name: string;
  readonly dtype: number;
  readonly tensor_shape: TensorShapeProto;
}

export interface SignatureDef {
  readonly inputs: Readonly<Record<string, TensorInfo>>;
  readonly outputs: Readonly<Record<string, TensorInfo>>;
  readonly method_name: string;
}

export interface SavedModel {
  readonly saved_model_schema_version: number;
  readonly meta_graphs: readonly {
    readonly meta_info_def: {
      readonly tags: readonly string[];
      readonly tensorflow_version?: string;
    };
    readonly graph_def: GraphDef;
    readonly signature_def: Readonly<Record<string, SignatureDef>>;
  }[];
}

const savedModelType = protobuf.Root.fromJSON(TENSORFLOW_DESCRIPTOR).lookupType('SavedModel');

/** The bytes of a saved_model.pb. */
export function encodeSavedModel(model: SavedModel): Uint8Array {
  return savedModelType.encode(savedModelType.fromObject(model)).finish();
}

/** Decodes the bytes of `encodeSavedModel`. */
export function decodeSavedModel(bytes: Uint8Array): SavedModel {
  const message = savedModelType.decode(bytes);
  return savedModelType.toObject(message, { longs: Number, arrays: true }) as SavedModel;
}

export const shapeProto = (sizes: readonly number[]): TensorShapeProto => ({
  dim: sizes.map((size) => ({ size })),
});
