/**
 * Reads tensors from JSON lists and from the binary form, and writes the binary form of BYTES.
 * @module
 */
import type { Datatype, RequestInput } from './messages.ts';
import { integerParameter, invalid } from './request.ts';

export type TensorData = Uint8Array | Float32Array | Uint8Array[];

export interface InputTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: Datatype;
  /** Row-major; a list of byte strings for BYTES. */
  readonly data: TensorData;
}

/** Bytes per element; elements of BYTES have variable length. */
const ELEMENT_BYTES = { UINT8: 1, FP32: 4 } as const;

/** The tensors of a request; each may be JSON or binary. */
export function readInputs(inputs: readonly RequestInput[], binary: Uint8Array): InputTensor[] {
  let at = 0;
  const tensors = inputs.map((input) => {
    const { name, shape } = input;
    const datatype = datatypeOf(input);
    const bytes = integerParameter(input.parameters, 'binary_data_size', 0, binary.length - at);
    if (bytes === undefined) return { name, shape, datatype, data: fromJson(input, datatype) };
    const part = binary.subarray(at, at + bytes);
    at += bytes;
    return { name, shape, datatype, data: fromBinary(input, datatype, part) };
  });
  if (at !== binary.length) {
    throw invalid(`${binary.length} bytes follow the JSON, but the inputs use ${at}.`);
  }
  return tensors;
}

function datatypeOf({ name, datatype }: RequestInput): Datatype {
  if (datatype === 'UINT8' || datatype === 'FP32' || datatype === 'BYTES') return datatype;
  throw invalid(
    `The datatype of ${name} is ${datatype}; only UINT8, FP32 and BYTES are supported.`,
  );
}

const elements = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);

function fromBinary(input: RequestInput, datatype: Datatype, bytes: Uint8Array): TensorData {
  const count = elements(input.shape);
  if (datatype === 'BYTES') return splitStrings(input.name, bytes, count);
  if (bytes.length !== count * ELEMENT_BYTES[datatype]) {
    throw wrongCount(input, `${bytes.length} bytes`);
  }
  // Copied, since Float32Array needs an offset that is a multiple of 4.
  if (datatype === 'UINT8') return bytes;
  return finite(input.name, new Float32Array(new Uint8Array(bytes).buffer));
}

/** The values. Throws for NaN and infinity, which would make all outputs NaN. */
function finite(name: string, values: Float32Array): Float32Array {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return values;
  throw invalid(
    `${name} has ${values[at]} at index ${at}, which is not finite.`,
    'Look for a division by zero, or for a value beyond 3.4e38.',
  );
}

/** Splits BYTES: each element is a uint32 LE length followed by that many bytes. */
function splitStrings(name: string, bytes: Uint8Array, count: number): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const strings: Uint8Array[] = [];
  let at = 0;
  while (at + 4 <= bytes.length && strings.length < count) {
    const length = view.getUint32(at, true);
    if (at + 4 + length > bytes.length) break;
    strings.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  if (strings.length === count && at === bytes.length) return strings;
  throw invalid(`The bytes of ${name} are not ${count} elements with their lengths before them.`);
}

function fromJson(input: RequestInput, datatype: Datatype): TensorData {
  const { name, data, parameters } = input;
  if (parameters?.shared_memory_region !== undefined) {
    throw invalid('The shared memory extension is not supported.', 'Send tensors as binary data.');
  }
  if (!Array.isArray(data)) {
    throw invalid(`${name} has neither "data" nor the parameter "binary_data_size".`);
  }
  const count = elements(input.shape);
  if (datatype === 'BYTES') return data.flat(DEEPEST).map((text) => base64(name, text));
  // Counted before the allocation, so that a wrong shape cannot request much memory.
  const found = countLeaves(data, input);
  if (found !== count) throw wrongCount(input, `${found} numbers`);
  const values = datatype === 'UINT8' ? new Uint8Array(count) : new Float32Array(count);
  fill(values, 0, data, input);
  return values instanceof Float32Array ? finite(name, values) : values;
}

/** "data" may be flat, or nested like the shape of images. */
const DEEPEST = 4;

function countLeaves(data: readonly unknown[], input: RequestInput, depth = 1): number {
  if (depth > DEEPEST) throw invalid(`The data of ${input.name} is nested too deeply.`);
  return data.reduce(
    (sum: number, item) => sum + (Array.isArray(item) ? countLeaves(item, input, depth + 1) : 1),
    0,
  );
}

/** Copies the numbers of nested lists to `values`, starting at `at`; returns the next index. */
function fill(
  values: Uint8Array | Float32Array,
  at: number,
  data: readonly unknown[],
  input: RequestInput,
): number {
  for (const item of data) {
    if (Array.isArray(item)) {
      at = fill(values, at, item, input);
      continue;
    }
    const ok = typeof item === 'number' && (values instanceof Float32Array || isByte(item));
    if (!ok) {
      throw invalid(`${input.name} holds ${JSON.stringify(item)}, which is not ${input.datatype}.`);
    }
    values[at++] = item;
  }
  return at;
}

const isByte = (value: number) => value === (value & 255);

function base64(name: string, text: unknown): Uint8Array {
  const ok = typeof text === 'string' && /^[A-Za-z0-9+/_-]*={0,2}$/.test(text);
  if (ok) return Buffer.from(text, 'base64');
  throw invalid(`In JSON, elements of ${name} are base64.`, 'Or send them as binary data.');
}

const wrongCount = ({ name, shape, datatype }: RequestInput, what: string) =>
  invalid(`${name} holds ${what}, which is not ${datatype} [${shape}].`);

/** The binary form of BYTES. */
export function joinStrings(strings: readonly string[]): Uint8Array {
  return Buffer.concat(
    strings.flatMap((text) => {
      const bytes = Buffer.from(text, 'utf8');
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}
