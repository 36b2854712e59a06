/**
 * safetensors: 8 bytes of header length (little endian), a JSON header, raw tensors.
 * Format: https://github.com/huggingface/safetensors#format
 * @module
 */
import { HebbError } from '../errors.ts';

const DTYPES = {
  F32: Float32Array,
  F16: Uint16Array,
  I32: Int32Array,
  I8: Int8Array,
  U8: Uint8Array,
} as const;

export type Dtype = keyof typeof DTYPES;

/** A dense tensor, row-major. F16 data are raw bits. */
export interface Tensor<D extends Dtype = Dtype> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: InstanceType<(typeof DTYPES)[D]>;
}

export type Tensors = ReadonlyMap<string, Tensor>;

/** Bytes of the header's length, at a file's start. */
export const LENGTH_BYTES = 8;
/** The format's own bound is 100 MB; ours is small. */
const MAX_HEADER_BYTES = 4 << 20;

/**
 * Reads a safetensors file. Tensors are views of `bytes` if alignment allows it, otherwise copies.
 * Throws `invalid_package` if the file does not follow the format.
 */
export function readSafetensors(bytes: Uint8Array<ArrayBuffer>): Tensors {
  const bodyAt = LENGTH_BYTES + headerLength(bytes);
  const body = bytes.subarray(bodyAt);
  const entries = parseHeader(bytes.subarray(LENGTH_BYTES, bodyAt));
  const end = entries.at(-1)?.end ?? 0;
  if (end !== body.length) throw invalid(`it holds ${body.length} of ${end} bytes`);
  return new Map(entries.map((entry) => [entry.name, readTensor(entry, body)]));
}

/** Bytes of the JSON header that follows. @param bytes a file's first 8, or more */
export function headerLength(bytes: Uint8Array): number {
  const short = bytes.length < LENGTH_BYTES;
  const length = short ? NaN : new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length <= MAX_HEADER_BYTES) return Number(length);
  throw invalid(`a header of ${length} bytes`);
}

/** The place of one tensor. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Number of elements. */
  readonly count: number;
  /** From the end of the header, bytes. */
  readonly begin: number;
  readonly end: number;
}

/**
 * The tensors of a header, in the order of the file. The format requires that each follows directly
 * after the one before, without gaps or overlaps.
 */
export function parseHeader(bytes: Uint8Array): TensorEntry[] {
  try {
    const header = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, HeaderEntry>;
    const entries = Object.entries(header)
      .filter(([name]) => name !== '__metadata__')
      .map(entryOf)
      .sort((a, b) => a.begin + a.end - b.begin - b.end); // empty tensors before those at the same offset
    let at = 0;
    for (const { name, begin, end } of entries) {
      if (begin !== at) throw new Error(name);
      at = end;
    }
    return entries;
  } catch (cause) {
    throw invalid(`its header is wrong (${cause})`); // or it has another structure
  }
}

/** An entry of a valid header. */
interface HeaderEntry {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

function entryOf([name, entry]: [string, HeaderEntry]): TensorEntry {
  const { dtype, shape, data_offsets: place } = entry;
  const [begin, end] = place;
  const numbers = [...shape, begin, end];
  const count = shape.reduce((product, n) => product * n, 1);
  const natural = numbers.every((n) => Number.isSafeInteger(n) && n >= 0);
  // A tensor too large for an exact `count` is larger than any file.
  const fits = end - begin === count * DTYPES[dtype].BYTES_PER_ELEMENT;
  if (natural && fits) return { name, dtype, shape, count, begin, end };
  throw new Error(name);
}

function readTensor(entry: TensorEntry, body: Uint8Array<ArrayBuffer>): Tensor {
  const { dtype, shape, count, begin, end } = entry;
  const type = DTYPES[dtype];
  const start = body.byteOffset + begin;
  const aligned = start % type.BYTES_PER_ELEMENT === 0;
  const data = aligned
    ? new type(body.buffer, start, count)
    : new type(body.slice(begin, end).buffer, 0, count);
  return { dtype, shape, data };
}

const invalid = (why: string) =>
  new HebbError('invalid_package', `Not a safetensors file: ${why}.`);

/**
 * Writes tensors as a safetensors file; wide dtypes come first, so every tensor is aligned
 * and can be read without a copy.
 */
export function writeSafetensors(
  tensors: Tensors,
  metadata: Record<string, string> = {},
): Uint8Array<ArrayBuffer> {
  const header: Record<string, object> = {};
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  const ordered = [...tensors].sort(([, a], [, b]) => elementBytes(b) - elementBytes(a));
  let size = 0;
  for (const [name, { dtype, shape, data }] of ordered) {
    header[name] = { dtype, shape, data_offsets: [size, size + data.byteLength] };
    size += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bodyAt = Math.ceil((LENGTH_BYTES + json.length) / 64) * 64; // padded with spaces
  const file = new Uint8Array(bodyAt + size);
  new DataView(file.buffer).setBigUint64(0, BigInt(bodyAt - LENGTH_BYTES), true);
  file.fill(0x20, LENGTH_BYTES, bodyAt).set(json, LENGTH_BYTES);
  let offset = bodyAt;
  for (const [, { data }] of ordered) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return file;
}

const elementBytes = (tensor: Tensor): number => DTYPES[tensor.dtype].BYTES_PER_ELEMENT;

/** The tensor of this name. Throws `invalid_package` if it is missing or has another dtype or shape. */
export function tensorOf<D extends Dtype>(
  tensors: Tensors,
  name: string,
  dtype: D,
  shape?: readonly number[],
): Tensor<D> {
  const tensor = tensors.get(name);
  if (!tensor) throw new HebbError('invalid_package', `The package has no tensor ${name}.`);
  const wrongShape = shape && shape.join() !== tensor.shape.join();
  if (tensor.dtype !== dtype || wrongShape) {
    throw new HebbError(
      'invalid_package',
      `Tensor ${name} is ${tensor.dtype} [${tensor.shape}], expected ${dtype} [${shape ?? '…'}].`,
    );
  }
  return tensor as Tensor<D>;
}

/**
 * Returns the tensor after checking it. Throws `invalid_package` for NaN, infinity, and negative variances,
 * of which batch norm takes the root.
 */
export function soundNumbers(name: string, tensor: Tensor): Tensor {
  if (!(tensor.data instanceof Float32Array)) return tensor;
  const { data } = tensor;
  const least = name.endsWith('/variance') ? 0 : -Infinity;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (!Number.isFinite(value) || value < least) {
      throw new HebbError('invalid_package', `Tensor ${name} holds ${value} at ${i}.`);
    }
  }
  return tensor;
}
