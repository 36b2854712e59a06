/**
 * The messages of onnx.proto that Hebb reads and writes, as a descriptor of protobufjs. Field
 * numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto; omitted fields (subgraphs, sparse
 * tensors, training) are skipped.
 * @module
 */
import type { INamespace } from 'protobufjs';

const field = (type: string, id: number) => ({ type, id });
const repeated = (type: string, id: number) => ({ rule: 'repeated', type, id });
const packed = (type: string, id: number) => ({ ...repeated(type, id), options: { packed: true } });

export const ONNX_DESCRIPTOR: INamespace = {
  nested: {
    ModelProto: {
      fields: {
        ir_version: field('int64', 1),
        producer_name: field('string', 2),
        producer_version: field('string', 3),
        graph: field('GraphProto', 7),
        opset_import: repeated('OperatorSetIdProto', 8),
      },
    },
    OperatorSetIdProto: {
      fields: { domain: field('string', 1), version: field('int64', 2) },
    },
    GraphProto: {
      fields: {
        node: repeated('NodeProto', 1),
        name: field('string', 2),
        initializer: repeated('TensorProto', 5),
        input: repeated('ValueInfoProto', 11),
        output: repeated('ValueInfoProto', 12),
      },
    },
    NodeProto: {
      fields: {
        input: repeated('string', 1),
        output: repeated('string', 2),
        name: field('string', 3),
        op_type: field('string', 4),
        attribute: repeated('AttributeProto', 5),
        domain: field('string', 7),
      },
    },
    AttributeProto: {
      fields: {
        name: field('string', 1),
        f: field('float', 2),
        i: field('int64', 3),
        s: field('bytes', 4),
        t: field('TensorProto', 5),
        floats: repeated('float', 7),
        ints: repeated('int64', 8),
        strings: repeated('bytes', 9),
        type: field('int32', 20),
      },
    },
    TensorProto: {
      fields: {
        dims: repeated('int64', 1),
        data_type: field('int32', 2),
        float_data: packed('float', 4),
        int32_data: packed('int32', 5),
        int64_data: packed('int64', 7),
        name: field('string', 8),
        raw_data: field('bytes', 9),
        double_data: packed('double', 10),
        external_data: repeated('StringStringEntryProto', 13),
        data_location: field('int32', 14),
      },
    },
    StringStringEntryProto: {
      fields: { key: field('string', 1), value: field('string', 2) },
    },
    ValueInfoProto: {
      fields: { name: field('string', 1), type: field('TypeProto', 2) },
    },
    TypeProto: {
      fields: { tensor_type: field('TensorTypeProto', 1) },
    },
    TensorTypeProto: {
      fields: { elem_type: field('int32', 1), shape: field('TensorShapeProto', 2) },
    },
    TensorShapeProto: {
      fields: { dim: repeated('DimensionProto', 1) },
    },
    DimensionProto: {
      fields: { dim_value: field('int64', 1), dim_param: field('string', 2) },
    },
  },
};
