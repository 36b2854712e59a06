import {
  ATTRIBUTE_TYPE,
  type AttributeProto,
  DATA_TYPE,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from '../onnx/model.ts';

/** Collects the nodes and tensors of an ONNX graph. A node and its one output share a name. */
export class OnnxBuilder {
  readonly nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];

  /** Adds a node and returns the name of its output. */
  add(
    op: string,
    name: string,
    input: readonly string[],
    attribute: readonly AttributeProto[] = [],
  ): string {
    this.nodes.push({ op_type: op, name, input, output: [name], attribute });
    return name;
  }

  /** Adds a float32 tensor, row-major, and returns its name. */
  tensor(name: string, dims: readonly number[], data: Float32Array): string {
    const raw_data = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.initializers.push({ name, dims, data_type: DATA_TYPE.float, raw_data });
    return name;
  }
}

export const int = (name: string, i: number): AttributeProto => ({
  name,
  type: ATTRIBUTE_TYPE.int,
  i,
});

export const ints = (name: string, values: readonly number[]): AttributeProto => ({
  name,
  type: ATTRIBUTE_TYPE.ints,
  ints: values,
});

export const float = (name: string, f: number): AttributeProto => ({
  name,
  type: ATTRIBUTE_TYPE.float,
  f,
});

/** A float32 input or output; a size given as a name is dynamic. */
export function floatInfo(name: string, dims: readonly (number | string)[]): ValueInfoProto {
  const dim = dims.map((d) => (typeof d === 'number' ? { dim_value: d } : { dim_param: d }));
  return { name, type: { tensor_type: { elem_type: DATA_TYPE.float, shape: { dim } } } };
}
