/**
 * ONNX files as plain objects, with the names of messages and fields in onnx.proto.
 * @module
 */

import { HebbError } from '@hebb/model/errors';
import protobuf from 'protobufjs/light.js';
import { ONNX_DESCRIPTOR } from './descriptor.ts';
import { measureMessage } from './measure.ts';

/** TensorProto.DataType: the types that are read here. */
export const DATA_TYPE = {
  float: 1,
  int32: 6,
  int64: 7,
  float16: 10,
  double: 11,
  bfloat16: 16,
} as const;

/** AttributeProto.AttributeType. */
export const ATTRIBUTE_TYPE = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  floats: 6,
  ints: 7,
} as const;

/** TensorProto.DataLocation. */
export const DATA_LOCATION = { default: 0, external: 1 } as const;

export interface TensorProto {
  name?: string;
  dims?: readonly number[];
  data_type?: number;
  raw_data?: Uint8Array;
  float_data?: readonly number[];
  int32_data?: readonly number[];
  int64_data?: readonly number[];
  double_data?: readonly number[];
  external_data?: readonly { readonly key: string; readonly value: string }[];
  data_location?: number;
}

export interface AttributeProto {
  readonly name: string;
  readonly type?: number;
  readonly f?: number;
  readonly i?: number;
  readonly s?: Uint8Array;
  readonly t?: TensorProto;
  readonly floats?: readonly number[];
  readonly ints?: readonly number[];
}

export interface NodeProto {
  readonly name?: string;
  readonly op_type: string;
  readonly domain?: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute?: readonly AttributeProto[];
}

export interface ValueInfoProto {
  readonly name: string;
  readonly type?: {
    readonly tensor_type?: {
      readonly elem_type?: number;
      readonly shape?: {
        readonly dim?: readonly { readonly dim_value?: number; readonly dim_param?: string }[];
      };
    };
  };
}

export interface GraphProto {
  readonly name?: string;
  readonly node: readonly NodeProto[];
  readonly initializer: readonly TensorProto[];
  readonly input: readonly ValueInfoProto[];
  readonly output: readonly ValueInfoProto[];
}

export interface ModelProto {
  readonly ir_version: number;
  readonly producer_name?: string;
  readonly producer_version?: string;
  readonly opset_import: readonly { readonly domain?: string; readonly version: number }[];
  readonly graph: GraphProto;
}

/** A GoogLeNet has about 3,000 parts, and 28 MB of packed numbers. */
const [MAX_PARTS, MAX_PACKED_BYTES] = [1 << 20, 1 << 27];

const modelType = protobuf.Root.fromJSON(ONNX_DESCRIPTOR).lookupType('ModelProto');

/** Parses an ONNX file. Throws `unsupported_model` for other or damaged files. */
export function decodeModel(bytes: Uint8Array): ModelProto {
  let model: Partial<ModelProto>;
  try {
    const { parts, packedBytes } = measureMessage(bytes, ONNX_DESCRIPTOR, 'ModelProto');
    if (parts > MAX_PARTS || packedBytes > MAX_PACKED_BYTES) throw new RangeError('too large');
    const message = modelType.decode(bytes);
    model = modelType.toObject(message, { longs: Number, arrays: true }) as Partial<ModelProto>;
  } catch (cause) {
    throw notOnnx('its protobuf encoding is broken or far too large', cause);
  }
  if (!model.graph) throw notOnnx('it holds no graph');
  if (model.graph.node.length === 0) throw notOnnx('its graph has no nodes');
  return { ir_version: 0, opset_import: [], ...model, graph: model.graph };
}

/** The bytes of an ONNX file. */
export function encodeModel(model: ModelProto): Uint8Array {
  return modelType.encode(modelType.fromObject(model)).finish();
}

/** A name from a file for messages: shortened, with control characters escaped. */
export const quoted = (name: string | undefined): string =>
  JSON.stringify((name ?? '').slice(0, 80));

const notOnnx = (why: string, cause?: unknown) =>
  new HebbError('unsupported_model', `This is not an ONNX model, or it is damaged: ${why}.`, {
    hint: 'Check that the file is complete and ends in .onnx (Git LFS pointers are text files).',
    cause,
  });
