/**
 * Simplifies an ONNX graph: resolves constants and aliases (Identity, Dropout, Cast between floats), and drops
 * shape arithmetic and nodes that the output does not depend on.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import {
  type AttributeProto,
  DATA_TYPE,
  type GraphProto,
  type NodeProto,
  quoted,
  type TensorProto,
  type ValueInfoProto,
} from './model.ts';

export interface GraphNode {
  readonly op: string;
  /** Operator and name for messages: `Conv "conv1/7x7_s2"`. */
  readonly label: string;
  /** Names of values, with aliases resolved; '' for an omitted optional input. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeProto>;
}

export interface Graph {
  readonly input: ValueInfoProto;
  /** Name of the output value. */
  readonly output: string;
  /** In topological order. */
  readonly nodes: readonly GraphNode[];
  readonly constants: ReadonlyMap<string, TensorProto>;
}

/** Reads the part of a graph that computes `output`. Throws `unsupported_model`. */
export function readGraph(proto: GraphProto, output: string): Graph {
  const constants = new Map(proto.initializer.map((tensor) => [tensor.name ?? '', tensor]));
  const input = singleInput(proto, constants);
  const alias = new Map<string, string>();
  const resolve = (name: string) => alias.get(name) ?? name;
  const known = new Set(['', input.name, ...constants.keys()]);
  const shapes = new Set<string>(); // values that are shapes, or computed from shapes
  const nodes: GraphNode[] = [];
  for (const node of liveNodes(proto, output)) {
    for (const name of node.input) {
      if (!known.has(name)) throw unsupported(`${label(node)} reads ${quoted(name)}, unknown here`);
    }
    for (const name of node.output) known.add(name);
    const inputs = node.input.map(resolve);
    const [first = '', result = ''] = [inputs[0], node.output[0]];
    const data = inputs.filter((name) => name !== '' && !constants.has(name));
    if (node.op_type === 'Constant') {
      constants.set(result, constantOf(node));
    } else if (
      node.op_type === 'Shape' ||
      (data.length > 0 && data.every((name) => shapes.has(name)))
    ) {
      for (const name of node.output) shapes.add(name);
    } else if (isAlias(node)) {
      if (constants.has(first)) constants.set(result, constants.get(first)!);
      alias.set(result, first);
    } else {
      const attributes = new Map(node.attribute?.map((attribute) => [attribute.name, attribute]));
      const outputs = node.output;
      nodes.push({ op: node.op_type, label: label(node), inputs, outputs, attributes });
    }
  }
  return { input, output: resolve(output), nodes, constants };
}

/** The only input that is not an initializer (old files list initializers among the inputs). */
function singleInput(proto: GraphProto, constants: ReadonlyMap<string, TensorProto>) {
  const inputs = proto.input.filter(({ name }) => !constants.has(name));
  if (inputs.length !== 1) {
    const names = inputs.slice(0, 4).map(({ name }) => quoted(name));
    throw unsupported(`It has ${inputs.length} inputs, expected one image. ${names.join(', ')}`);
  }
  return inputs[0]!;
}

/** The nodes that `output` depends on, in the order of the file. */
function liveNodes(proto: GraphProto, output: string): NodeProto[] {
  const producer = new Map<string, NodeProto>();
  for (const node of proto.node) {
    for (const name of node.output) {
      if (name === '') continue;
      if (producer.has(name)) throw unsupported(`Two nodes compute the value ${quoted(name)}`);
      producer.set(name, node);
    }
  }
  const live = new Set<NodeProto>();
  const wanted = [output];
  while (wanted.length > 0) {
    const node = producer.get(wanted.pop()!);
    if (!node || live.has(node)) continue;
    live.add(node);
    for (const name of node.input) wanted.push(name);
  }
  return proto.node.filter((node) => live.has(node));
}

function isAlias(node: NodeProto): boolean {
  if (node.op_type === 'Identity' || node.op_type === 'Dropout') return true;
  const to = node.attribute?.find(({ name }) => name === 'to')?.i;
  return node.op_type === 'Cast' && (to === DATA_TYPE.float || to === DATA_TYPE.float16);
}

const label = (node: NodeProto): string =>
  `${/^\w{1,40}$/.test(node.op_type) ? node.op_type : quoted(node.op_type)} ${quoted(node.name || node.output[0])}`;

const unsupported = (message: string) => new HebbError('unsupported_model', `${message}.`);

/** The tensor of a Constant node, from any of its possible attributes. */
function constantOf(node: NodeProto): TensorProto {
  const attribute = node.attribute?.[0];
  const name = node.output[0] ?? '';
  const floats = (values: readonly number[], dims: number[]): TensorProto => ({
    name,
    dims,
    data_type: DATA_TYPE.float,
    float_data: values,
  });
  const integers = (values: readonly number[], dims: number[]): TensorProto => ({
    name,
    dims,
    data_type: DATA_TYPE.int64,
    int64_data: values,
  });
  switch (attribute?.name) {
    case 'value':
      if (attribute.t) return attribute.t;
      break;
    case 'value_float':
      return floats([attribute.f ?? 0], []);
    case 'value_floats':
      return floats(attribute.floats ?? [], [attribute.floats?.length ?? 0]);
    case 'value_int':
      return integers([attribute.i ?? 0], []);
    case 'value_ints':
      return integers(attribute.ints ?? [], [attribute.ints?.length ?? 0]);
  }
  throw new HebbError('unsupported_model', `The Constant ${quoted(name)} holds no numbers.`);
}
