/**
 * JSON objects of the Open Inference Protocol v2 (github.com/kserve/open-inference-protocol,
 * specification/protocol/inference_rest.md) and of Triton's extensions to it
 * (triton-inference-server/server, docs/protocol/extension_*.md).
 * @module
 */

export type Datatype = 'UINT8' | 'FP32' | 'BYTES';

export type Parameters = Readonly<Record<string, unknown>>;

/** $request_input. */
export interface RequestInput {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: string;
  readonly parameters?: Parameters;
  readonly data?: unknown;
}

/** $request_output. */
export interface RequestOutput {
  readonly name: string;
  readonly parameters?: Parameters;
}

/** $inference_request. */
export interface InferenceRequest {
  readonly id?: string;
  readonly parameters?: Parameters;
  readonly inputs: readonly RequestInput[];
  readonly outputs?: readonly RequestOutput[];
}

/** $response_output. */
export interface ResponseOutput {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: Datatype;
  readonly parameters?: { readonly binary_data_size: number };
  readonly data?: readonly (number | string)[];
}

/** $inference_response. */
export interface InferenceResponse {
  readonly model_name: string;
  readonly model_version: string;
  readonly id?: string;
  readonly parameters?: Parameters;
  readonly outputs: readonly ResponseOutput[];
}

/** $metadata_tensor; −1 is a dynamic size. */
export interface TensorMetadata {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
}
