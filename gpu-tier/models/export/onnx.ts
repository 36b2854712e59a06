/**
 * Exports a model package as an ONNX file. By convention, and for `hebb import`, its input is normalised float32
 * with channels first; the file's metadata describe the normalisation.
 * @module
 */

import {
  foldBatchNorm,
  googlenet,
  HebbError,
  type Manifest,
  type Network,
  type Tensors,
} from '@hebb/model';
import { GRAPH_INPUT, outputLayers } from '@hebb/tensorflow/graph/inference';
import protobuf from 'protobufjs/light.js';
import { encodeModel, type ModelProto } from '../onnx/model.ts';
import { floatInfo, OnnxBuilder } from './onnx-builder.ts';
import { addOnnxLayer } from './onnx-layers.ts';

/** Opset 13 introduced the current definition of Softmax; IR version 8 is from the same year (2021). */
const OPSET = 13;
const IR_VERSION = 8;

/**
 * The bytes of the ONNX file of a package; `weights` are its float32 tensors. Throws `unsupported_model`
 * for a fully connected head.
 */
export function onnxFile(
  manifest: Pick<Manifest, 'name' | 'version' | 'network' | 'preprocessing' | 'labels'>,
  weights: Tensors,
  producer: { readonly name: string; readonly version: string },
): Uint8Array {
  const { name, version, preprocessing, labels } = manifest;
  if (manifest.network.head === 'fullyConnected') {
    // Its kernel's rows are in the order height, width, channels; ONNX flattens channels first.
    throw new HebbError('unsupported_model', 'A fully connected head is not exported as ONNX.', {
      hint: 'Export it with --format savedmodel.',
    });
  }
  const { network, weights: folded } = foldBatchNorm(googlenet(manifest.network), weights);
  const model = onnxModel(network, folded);
  const bytes = encodeModel({
    ...model,
    producer_name: producer.name,
    producer_version: producer.version,
    graph: { ...model.graph, name },
  });
  const metadata = encodeMetadata({
    package: name,
    version,
    labels: JSON.stringify(labels),
    preprocessing: JSON.stringify(preprocessing),
  });
  return Buffer.concat([bytes, metadata]); // protobuf merges concatenated messages
}

/**
 * A network without batch norm (or with it folded) as an ONNX model: `image` float32 [n, 3, s, s] in
 * the package's channel order to `probabilities` and `logits` [n, classes], `embedding` [n, 1024].
 */
export function onnxModel(network: Network, weights: Tensors): ModelProto {
  const b = new OnnxBuilder();
  const { inputSize, classes } = network.spec;
  const layers = Object.entries(outputLayers(network.spec));
  const outputOf = new Map(layers.map(([name, layer]) => [layer, name]));
  const values = new Map<string, string>();
  for (const layer of network.layers) {
    const inputs = layer.kind === 'input' ? [GRAPH_INPUT] : layer.inputs.map((n) => values.get(n)!);
    const name = outputOf.get(layer.name as never) ?? layer.name;
    values.set(layer.name, addOnnxLayer(b, layer, name, inputs, weights));
  }
  return {
    ir_version: IR_VERSION,
    opset_import: [{ domain: '', version: OPSET }],
    graph: {
      node: b.nodes,
      initializer: b.initializers,
      input: [floatInfo(GRAPH_INPUT, ['n', 3, inputSize, inputSize])],
      output: [
        floatInfo('probabilities', ['n', classes]),
        floatInfo('logits', ['n', classes]),
        floatInfo('embedding', ['n', 1024]),
      ],
    },
  };
}

/**
 * onnx.proto, ModelProto.metadata_props, which the importer does not read. ONNX Runtime returns it as
 * `custom_metadata_map`.
 */
const metadataType = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: { metadata_props: { rule: 'repeated', type: 'StringStringEntryProto', id: 14 } },
    },
    StringStringEntryProto: {
      fields: { key: { type: 'string', id: 1 }, value: { type: 'string', id: 2 } },
    },
  },
}).lookupType('ModelProto');

/** Bytes to append to an encoded ModelProto. */
function encodeMetadata(entries: Readonly<Record<string, string>>): Uint8Array {
  const metadata_props = Object.entries(entries).map(([key, value]) => ({ key, value }));
  return metadataType.encode(metadataType.fromObject({ metadata_props })).finish();
}

/** The metadata of an ONNX file, by key. */
export function decodeMetadata(file: Uint8Array): Record<string, string> {
  const { metadata_props } = metadataType.toObject(metadataType.decode(file), { arrays: true }) as {
    metadata_props: { readonly key: string; readonly value: string }[];
  };
  return Object.fromEntries(metadata_props.map(({ key, value }) => [key, value]));
}
