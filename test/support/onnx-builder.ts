/**
 * Builds ONNX graphs node by node.
 * @module
 */
import {
  ATTRIBUTE_TYPE,
  type AttributeProto,
  DATA_TYPE,
  type ModelProto,
  type NodeProto,
  type TensorProto,
} from '@hebb/models/onnx/model';

export const ints = (name: string, values: readonly number[]): AttributeProto => ({
  name,
  type: ATTRIBUTE_TYPE.ints,
  ints: values,
});
export const int = (name: string, i: number): AttributeProto => ({
  name,
  type: ATTRIBUTE_TYPE.int,
  i,
});
export const float = (name: string, f: number): AttributeProto => ({
  name,
  type: ATTRIBUTE_TYPE.float,
  f,
});

/** A float32 tensor stored as raw bytes. */
export function rawTensor(name: string, dims: readonly number[], data: Float32Array): TensorProto {
  const raw_data = new Uint8Array(
    data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength),
  );
  return { name, dims, data_type: DATA_TYPE.float, raw_data };
}

export const int64Tensor = (name: string, dims: readonly number[], values: readonly number[]) =>
  ({ name, dims, data_type: DATA_TYPE.int64, int64_data: values }) satisfies TensorProto;

/** Collects nodes and tensors. Every node has one output. */
export class OnnxBuilder {
  readonly nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];
  #count = 0;

  /** Adds a node and returns the name of its output. */
  node(
    op: string,
    input: readonly string[],
    attribute: readonly AttributeProto[] = [],
    extraOutputs: readonly string[] = [],
  ): string {
    const value = `v${this.#count++}`;
    const name = `node_${value}`;
    this.nodes.push({ op_type: op, name, input, output: [value, ...extraOutputs], attribute });
    return value;
  }

  tensor(tensor: TensorProto): string {
    this.initializers.push(tensor);
    return tensor.name!;
  }

  floats(dims: readonly number[], values: ArrayLike<number>): string {
    return this.tensor(rawTensor(`t${this.#count++}`, dims, Float32Array.from(values)));
  }

  int64s(dims: readonly number[], values: readonly number[]): string {
    return this.tensor(int64Tensor(`t${this.#count++}`, dims, values));
  }

  model(
    outputs: readonly string[],
    classes: number,
    inputDims: readonly (number | string)[],
    opset = 13,
  ): ModelProto {
    const info = (name: string, dims: readonly (number | string)[]) => ({
      name,
      type: {
        tensor_type: {
          elem_type: DATA_TYPE.float,
          shape: {
            dim: dims.map((d) => (typeof d === 'number' ? { dim_value: d } : { dim_param: d })),
          },
        },
      },
    });
    return {
      ir_version: 8,
      producer_name: 'hebb-test',
      opset_import: [{ version: opset }],
      graph: {
        name: 'test',
        node: this.nodes,
        initializer: this.initializers,
        input: [info('image', inputDims)],
        output: outputs.map((name) => info(name, [inputDims[0]!, classes])),
      },
    };
  }
}
