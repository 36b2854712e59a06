/**
 * Encodes the network's outputs as JSON, optionally followed by binary tensors.
 * @module
 */
import type { Label, Manifest } from '@hebb/model';
import type { ModelOutputs } from '@hebb/tensorflow/backend/runner';
import type { ImageError } from './images.ts';
import type {
  InferenceRequest,
  InferenceResponse,
  RequestOutput,
  ResponseOutput,
} from './messages.ts';
import { EMBEDDING_SIZE } from './metadata.ts';
import { booleanParameter, integerParameter, invalid } from './request.ts';
import { joinStrings } from './tensors.ts';

export const OUTPUT_NAMES = ['probabilities', 'logits', 'embedding'] as const;
type OutputName = (typeof OUTPUT_NAMES)[number];

/** A requested output. */
export interface WantedOutput {
  readonly name: OutputName;
  readonly binary: boolean;
  /** The k of the classification extension; undefined for the tensor itself. */
  readonly classification: number | undefined;
}

export interface EncodedResponse {
  readonly body: Uint8Array<ArrayBuffer>;
  /** Bytes of the JSON for `Inference-Header-Content-Length`; undefined without binary tensors. */
  readonly headerLength: number | undefined;
}

/** The model that answers. */
export interface Answering {
  readonly manifest: Manifest;
  readonly precision: string;
}

/** The requested outputs; all of them if the request names none. */
export function wantedOutputs({ outputs, parameters }: InferenceRequest): WantedOutput[] {
  const binaryDefault = booleanParameter(parameters, 'binary_data_output') ?? false;
  const named: readonly RequestOutput[] =
    outputs && outputs.length > 0 ? outputs : OUTPUT_NAMES.map((name) => ({ name }));
  return named.map(({ name, parameters: own }) => {
    const known = OUTPUT_NAMES.find((output) => output === name);
    if (!known)
      throw invalid(`There is no output "${name}".`, `The outputs are ${OUTPUT_NAMES.join(', ')}.`);
    if (own?.shared_memory_region !== undefined) {
      throw invalid('The shared memory extension is not supported.', 'Request binary data.');
    }
    const k = integerParameter(own, 'classification', 0, 100_000);
    return {
      name: known,
      binary: booleanParameter(own, 'binary_data') ?? binaryDefault,
      classification: k === 0 ? undefined : k, // as in Triton, 0 means none
    };
  });
}

/**
 * Encodes the answer for `rows` images. `parameters.precision` is the precision of the computation, and
 * `parameters.errors` has the invalid images, which have no row.
 */
export function encodeResponse(
  { manifest: { name, version, labels }, precision }: Answering,
  id: string | undefined,
  wanted: readonly WantedOutput[],
  outputs: ModelOutputs,
  rows: number,
  errors: readonly ImageError[] = [],
): EncodedResponse {
  const encoded = wanted.map((want) => encodeOutput(want, outputs, rows, labels));
  const response: InferenceResponse = {
    model_name: name,
    model_version: version,
    ...(id === undefined ? {} : { id }),
    parameters: { precision, ...(errors.length > 0 && { errors }) },
    outputs: encoded.map(({ output }) => output),
  };
  const json = Buffer.from(JSON.stringify(response));
  const binary = encoded.flatMap(({ bytes }) => bytes ?? []);
  const body = new Uint8Array(Buffer.concat([json, ...binary]));
  return { body, headerLength: binary.length > 0 ? json.length : undefined };
}

function encodeOutput(
  { name, binary, classification }: WantedOutput,
  outputs: ModelOutputs,
  rows: number,
  labels: readonly Label[],
): { output: ResponseOutput; bytes?: Uint8Array } {
  const values = outputs[name];
  const columns = name === 'embedding' ? EMBEDDING_SIZE : labels.length;
  const width = rows > 0 ? values.length / rows : columns;
  if (classification === undefined) {
    const head = { name, shape: [rows, width], datatype: 'FP32' } as const;
    if (!binary) return { output: { ...head, data: Array.from(values) } };
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return { output: { ...head, parameters: { binary_data_size: bytes.length } }, bytes };
  }
  const k = Math.min(classification, width);
  const strings = classifications(values, rows, k, name === 'embedding' ? undefined : labels);
  const head = { name, shape: [rows, k], datatype: 'BYTES' } as const;
  if (!binary) return { output: { ...head, data: strings } };
  const bytes = joinStrings(strings);
  return { output: { ...head, parameters: { binary_data_size: bytes.length } }, bytes };
}

/**
 * Triton's classification extension: top-k per row, best first, each as `value:index:label` (without label if the
 * output is not one score per class).
 * @returns strings [rows, k], row-major
 */
function classifications(
  values: Float32Array,
  rows: number,
  k: number,
  labels: readonly Label[] | undefined,
): string[] {
  const width = values.length / rows;
  return Array.from({ length: rows }, (_, row) => {
    const scores = values.subarray(row * width, (row + 1) * width);
    const order = Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b);
    return order.slice(0, k).map((index) => {
      const label = labels?.[index] ? `:${labels[index].name}` : '';
      return `${scores[index]!.toFixed(6)}:${index}${label}`;
    });
  }).flat();
}
