import {
  type AttrValue,
  DATA_TYPE,
  type DataType,
  type GraphDef,
  type NodeDef,
  shapeProto,
} from './proto/messages.ts';

/** An output of a node: one tensor of the graph. */
export interface Value {
  /** In the syntax of an input: `conv1`, or `norm:1` for the second output of a node. */
  readonly name: string;
  readonly dtype: DataType;
}

export interface NodeOptions {
  readonly inputs?: readonly Value[];
  readonly attrs?: Readonly<Record<string, AttrValue>>;
  /** Nodes that must run before this one (control inputs). */
  readonly after?: readonly Value[];
  /** Of the node's first output. */
  readonly dtype: DataType;
}

/** The numbers of a constant; bfloat16 as raw bits. */
export type ConstantData = Float32Array | Int32Array | Uint16Array | Uint8Array;

/**
 * The GraphDef version that the nodes are written for (tensorflow/core/public/version.h). 987 is TensorFlow 2.9.
 * Newer versions read it, and none of our ops has changed since.
 */
const VERSIONS = { producer: 987, min_consumer: 12 } as const;

/** Collects the nodes of a GraphDef in the order of their addition. */
export class GraphBuilder {
  readonly #nodes: Map<string, NodeDef>;
  readonly #prefix: string;

  constructor(nodes = new Map<string, NodeDef>(), prefix = '') {
    this.#nodes = nodes;
    this.#prefix = prefix;
  }

  /** A builder of the same graph, which names its nodes `<scope>/…`. */
  scope(name: string): GraphBuilder {
    return new GraphBuilder(this.#nodes, `${this.#prefix}${name}/`);
  }

  /** Adds a node and returns its first output. Throws for a name that is already taken. */
  add(
    op: string,
    localName: string,
    { inputs = [], attrs = {}, after = [], dtype }: NodeOptions,
  ): Value {
    const name = this.#prefix + localName;
    if (this.#nodes.has(name)) throw new Error(`The graph has two nodes named ${name}.`);
    // Control inputs come last (tensorflow/core/framework/node_def.proto).
    const input = [...inputs.map((value) => value.name), ...after.map(controlInput)];
    this.#nodes.set(name, { name, op, input, attr: attrs });
    return { name, dtype };
  }

  /** An input that is fed at each run; −1 is a dynamic size. */
  placeholder(name: string, dtype: DataType, shape: readonly number[]): Value {
    return this.add('Placeholder', name, {
      attrs: { dtype: attr.type(dtype), shape: attr.shape(shape) },
      dtype,
    });
  }

  /** A tensor that is part of the graph, row-major. */
  constant(name: string, dtype: DataType, shape: readonly number[], data: ConstantData): Value {
    const value = attr.tensor(dtype, shape, data);
    return this.add('Const', name, { attrs: { dtype: attr.type(dtype), value }, dtype });
  }

  build(): GraphDef {
    return { node: [...this.#nodes.values()], versions: VERSIONS };
  }
}

const controlInput = ({ name }: Value): string => `^${name.split(':')[0]}`;

/** Another output of the node whose first output `value` is. */
export const output = (value: Value, index: number, dtype: DataType = value.dtype): Value => ({
  name: `${value.name}:${index}`,
  dtype,
});

const utf8 = new TextEncoder();

/** Makes the messages of attributes. */
export const attr = {
  type: (dtype: DataType): AttrValue => ({ type: DATA_TYPE[dtype] }),
  string: (text: string): AttrValue => ({ s: utf8.encode(text) }),
  int: (i: number): AttrValue => ({ i }),
  float: (f: number): AttrValue => ({ f }),
  bool: (b: boolean): AttrValue => ({ b }),
  ints: (i: readonly number[]): AttrValue => ({ list: { i } }),
  /** Row-major. */
  tensor: (dtype: DataType, shape: readonly number[], data: ConstantData): AttrValue => ({
    tensor: {
      dtype: DATA_TYPE[dtype],
      tensor_shape: shapeProto(shape),
      tensor_content: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    },
  }),
  shape: (sizes: readonly number[]): AttrValue => ({ shape: shapeProto(sizes) }),
} as const;
