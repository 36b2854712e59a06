/**
 * The messages of TensorFlow's GraphDef and SavedModel that Hebb writes, as a descriptor of
 * protobufjs. Field numbers are those of tensorflow/core/framework/{graph,node_def,attr_value,tensor,
 * tensor_shape,versions}.proto and tensorflow/core/protobuf/{meta_graph,saved_model}.proto.
 * @module
 */
import type { INamespace } from 'protobufjs';

const field = (type: string, id: number) => ({ type, id });
const repeated = (type: string, id: number) => ({ rule: 'repeated', type, id });
const packed = (type: string, id: number) => ({ ...repeated(type, id), options: { packed: true } });
const map = (type: string, id: number) => ({ keyType: 'string', type, id });

export const TENSORFLOW_DESCRIPTOR: INamespace = {
  nested: {
    SavedModel: {
      fields: {
        saved_model_schema_version: field('int64', 1),
        meta_graphs: repeated('MetaGraphDef', 2),
      },
    },
    MetaGraphDef: {
      fields: {
        meta_info_def: field('MetaInfoDef', 1),
        graph_def: field('GraphDef', 2),
        signature_def: map('SignatureDef', 5),
      },
    },
    MetaInfoDef: {
      fields: { tags: repeated('string', 4), tensorflow_version: field('string', 5) },
    },
    SignatureDef: {
      fields: {
        inputs: map('TensorInfo', 1),
        outputs: map('TensorInfo', 2),
        method_name: field('string', 3),
      },
    },
    TensorInfo: {
      fields: {
        name: field('string', 1),
        dtype: field('int32', 2),
        tensor_shape: field('TensorShapeProto', 3),
      },
    },
    GraphDef: {
      fields: { node: repeated('NodeDef', 1), versions: field('VersionDef', 4) },
    },
    VersionDef: {
      fields: { producer: field('int32', 1), min_consumer: field('int32', 2) },
    },
    NodeDef: {
      fields: {
        name: field('string', 1),
        op: field('string', 2),
        input: repeated('string', 3),
        device: field('string', 4),
        attr: map('AttrValue', 5),
      },
    },
    AttrValue: {
      // Members of a oneof are written even when they are false or 0.
      oneofs: { value: { oneof: ['list', 's', 'i', 'f', 'b', 'type', 'shape', 'tensor'] } },
      fields: {
        list: field('ListValue', 1),
        s: field('bytes', 2),
        i: field('int64', 3),
        f: field('float', 4),
        b: field('bool', 5),
        type: field('int32', 6),
        shape: field('TensorShapeProto', 7),
        tensor: field('TensorProto', 8),
      },
    },
    ListValue: {
      fields: {
        s: repeated('bytes', 2),
        i: packed('int64', 3),
        f: packed('float', 4),
        type: packed('int32', 6),
        shape: repeated('TensorShapeProto', 7),
      },
    },
    TensorProto: {
      fields: {
        dtype: field('int32', 1),
        tensor_shape: field('TensorShapeProto', 2),
        tensor_content: field('bytes', 4),
      },
    },
    TensorShapeProto: {
      fields: { dim: repeated('Dim', 2) },
    },
    Dim: {
      fields: { size: field('int64', 1) },
    },
  },
};
