/**
 * A graph as a SavedModel, which TensorFlow Serving, Triton and tfjs-node load. Weights are constants of the graph,
 * so there is no folder of variables.
 * @module
 */
import type { NetworkSpec } from '@hebb/model';
import { GRAPH_INPUT, type GraphOutput } from './inference.ts';
import {
  DATA_TYPE,
  type DataType,
  encodeSavedModel,
  type GraphDef,
  type SignatureDef,
  shapeProto,
} from './proto/messages.ts';

/** The tag and the signature that servers look for. */
export const SERVE_TAG = 'serve';
const DEFAULT_SIGNATURE = 'serving_default';

/** tensorflow/cc/saved_model/constants.h: kSavedModelSchemaVersion. */
const SCHEMA_VERSION = 1;

export const SAVED_MODEL_FILE = 'saved_model.pb';

/** The bytes of saved_model.pb for a graph of `inferenceGraph`. */
export function inferenceSavedModel(graph: GraphDef, spec: NetworkSpec): Uint8Array {
  return savedModel(graph, { [DEFAULT_SIGNATURE]: inferenceSignature(spec) });
}

/** The bytes of saved_model.pb for any graph. */
export function savedModel(
  graph: GraphDef,
  signatures: Readonly<Record<string, SignatureDef>> = {},
): Uint8Array {
  return encodeSavedModel({
    saved_model_schema_version: SCHEMA_VERSION,
    meta_graphs: [
      { meta_info_def: { tags: [SERVE_TAG] }, graph_def: graph, signature_def: signatures },
    ],
  });
}

function inferenceSignature({ inputSize, classes }: NetworkSpec): SignatureDef {
  const tensor = (name: string, dtype: DataType, shape: readonly number[]) => ({
    name: `${name}:0`,
    dtype: DATA_TYPE[dtype],
    tensor_shape: shapeProto(shape),
  });
  const sizes: Record<GraphOutput, number> = {
    probabilities: classes,
    logits: classes,
    embedding: 1024,
  };
  return {
    inputs: { [GRAPH_INPUT]: tensor(GRAPH_INPUT, 'uint8', [-1, inputSize, inputSize, 3]) },
    outputs: Object.fromEntries(
      Object.entries(sizes).map(([name, size]) => [name, tensor(name, 'float32', [-1, size])]),
    ),
    method_name: 'tensorflow/serving/predict',
  };
}
