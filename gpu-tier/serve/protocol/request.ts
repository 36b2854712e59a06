/**
 * Parses the body of a request into its JSON and its binary part.
 * @module
 */
import { HebbError } from '@hebb/model';
import type { InferenceRequest, Parameters } from './messages.ts';

export interface ParsedRequest {
  readonly request: InferenceRequest;
  /** The bytes after the JSON: binary tensors without gaps, in the order of the inputs. */
  readonly binary: Uint8Array;
}

/**
 * Limit of the JSON: parsing blocks the server, for 16 MiB 0.1 s. Binary tensors do not count.
 */
const MOST_JSON = 16 * 2 ** 20;

/**
 * Splits and parses the body. Throws `invalid_argument` or `body_too_large`.
 * @param headerLength value of the header `Inference-Header-Content-Length`, if there is one
 */
export function parseRequest(body: Uint8Array, headerLength: string | undefined): ParsedRequest {
  const jsonBytes = headerLength === undefined ? body.length : Number(headerLength);
  if (!/^\d+$/.test(headerLength ?? '0') || jsonBytes > body.length) {
    throw invalid(`Inference-Header-Content-Length is ${headerLength}, the body ${body.length}.`);
  }
  if (jsonBytes > MOST_JSON) {
    throw new HebbError(
      'body_too_large',
      `The JSON has ${jsonBytes} bytes; the limit is ${MOST_JSON}.`,
      {
        hint: 'Send tensors as binary data, or fewer images in one request.',
      },
    );
  }
  let request: unknown;
  try {
    request = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(head(body, jsonBytes)));
  } catch (cause) {
    throw new HebbError('invalid_argument', 'The inference request is not JSON.', {
      hint: 'If binary tensors follow, Inference-Header-Content-Length must give the bytes of the JSON.',
      cause,
    });
  }
  check(isObject(request), 'The inference request must be a JSON object.');
  const read = withoutNulls(request as Record<string, unknown>);
  const { id, parameters, inputs, outputs } = read;
  check(id === undefined || typeof id === 'string', '"id" must be a string.');
  checkParameters(parameters, 'the request');
  check(Array.isArray(inputs) && inputs.length > 0, '"inputs" must be a list of tensors.');
  for (const input of inputs as unknown[]) {
    check(isObject(input) && typeof input.name === 'string', 'Every input needs a "name".');
    const { name, shape, datatype } = input as Record<string, unknown>;
    check(isShape(shape), `"shape" of ${name} must be a list of whole numbers from 1 up.`);
    check(typeof datatype === 'string', `${name} needs a "datatype".`);
    checkParameters((input as Record<string, unknown>).parameters, String(name));
  }
  check(outputs === undefined || Array.isArray(outputs), '"outputs" must be a list.');
  for (const output of (outputs as unknown[]) ?? []) {
    check(isObject(output) && typeof output.name === 'string', 'Every output needs a "name".');
    const { name, parameters: own } = output as Record<string, unknown>;
    checkParameters(own, String(name));
  }
  return { request: read as unknown as InferenceRequest, binary: body.subarray(jsonBytes) };
}

/**
 * Many clients write `null` for omitted members (KServe's client for all of them). It counts as missing in the request,
 * its tensors and their parameters.
 */
function withoutNulls(request: Record<string, unknown>): Record<string, unknown> {
  const present = dropNulls(request);
  for (const name of ['inputs', 'outputs']) {
    const tensors = present[name];
    if (Array.isArray(tensors)) {
      present[name] = tensors.map((one: unknown) => (isObject(one) ? dropNulls(one) : one));
    }
  }
  return present;
}

/** Removes members that are null, also in `parameters`. Data is not changed. */
function dropNulls(object: Record<string, unknown>): Record<string, unknown> {
  const present = Object.entries(object).filter(([, value]) => value !== null);
  return Object.fromEntries(
    present.map(([name, value]) => [
      name,
      name === 'parameters' && isObject(value) ? dropNulls(value) : value,
    ]),
  );
}

const head = (body: Uint8Array, bytes: number) => body.subarray(0, bytes);

/** A parameter that must be an integer from `low` to `high`; undefined if it is missing. */
export function integerParameter(
  parameters: Parameters | undefined,
  name: string,
  low: number,
  high: number,
): number | undefined {
  const value = parameters?.[name];
  if (value === undefined) return undefined;
  if (Number.isInteger(value) && (value as number) >= low && (value as number) <= high) {
    return value as number;
  }
  throw invalid(`The parameter "${name}" must be a whole number from ${low} to ${high}.`);
}

/** A boolean parameter; undefined if it is missing. */
export function booleanParameter(
  parameters: Parameters | undefined,
  name: string,
): boolean | undefined {
  const value = parameters?.[name];
  if (value === undefined || typeof value === 'boolean') return value;
  throw invalid(`The parameter "${name}" must be true or false.`);
}

export const invalid = (message: string, hint?: string): HebbError =>
  new HebbError('invalid_argument', message, hint === undefined ? {} : { hint });

function check(ok: boolean, message: string): void {
  if (!ok) throw invalid(message);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isShape = (value: unknown): boolean =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 1);

function checkParameters(value: unknown, of: string): void {
  check(value === undefined || isObject(value), `"parameters" of ${of} must be an object.`);
}
