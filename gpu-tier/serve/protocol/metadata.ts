/**
 * Metadata of the service and its models.
 * @module
 */
import { type Manifest, thresholdOf } from '@hebb/model';
import type { RunnerBackend } from '@hebb/tensorflow/backend/create-runner';
import type { ServedModel } from '../host/served-model.ts';
import type { TensorMetadata } from './messages.ts';

/** Extensions of the protocol by Triton's names; the last one is Hebb's own. */
const EXTENSIONS = [
  'binary_tensor_data',
  'classification',
  'model_repository',
  'schedule_policy',
  'image_errors',
];

/** Channels of the last inception module, 5b. */
export const EMBEDDING_SIZE = 1024;

/** $metadata_server_response, with the chosen backend and the served models. */
export function serverMetadata(
  version: string,
  backend: RunnerBackend,
  models: readonly ServedModel[],
) {
  const { kind, reason, native } = backend;
  return {
    name: 'hebb',
    version,
    extensions: EXTENSIONS,
    backend: { kind, reason, ...(native && { native }) },
    models: models.map(({ manifest }) => ({ name: manifest.name, version: manifest.version })),
  };
}

/** $metadata_model_response. A request has one of the two inputs. */
export function modelMetadata(
  { name, version, network, labels }: Manifest,
  backend: RunnerBackend,
) {
  const { inputSize, classes } = network;
  const inputs: TensorMetadata[] = [
    { name: 'image', datatype: 'UINT8', shape: [-1, inputSize, inputSize, 3] },
    { name: 'encoded', datatype: 'BYTES', shape: [-1] },
  ];
  const outputs: TensorMetadata[] = [
    { name: 'probabilities', datatype: 'FP32', shape: [-1, classes] },
    { name: 'logits', datatype: 'FP32', shape: [-1, classes] },
    { name: 'embedding', datatype: 'FP32', shape: [-1, EMBEDDING_SIZE] },
  ];
  // The protocol's own place for what it has no field for ($parameters): texts, numbers and booleans only.
  const parameters = network.output && {
    output: network.output,
    thresholds: JSON.stringify(labels.map(thresholdOf)),
  };
  const platform = backend.kind === 'wasm' ? 'tfjs_wasm' : 'tensorflow_graph';
  return {
    name,
    versions: [version],
    platform,
    inputs,
    outputs,
    ...(parameters && { parameters }),
  };
}
