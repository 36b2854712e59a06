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

/** The header may not be larger than this: the format's own bound is 100 MB, ours is small. */
const MAX_HEADER_BYTES = 4 << 20;

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const invalid = (why: string) =>
  new HebbError('invalid_package', `Not a safetensors file: ${why}.`);

/**
 * Reads a safetensors file. Tensors are views on `bytes` where alignment allows it, else copies.
 * Throws `invalid_package` for anything that the format does not allow.
 */
export function readSafetensors(bytes: Uint8Array<ArrayBuffer>): Tensors {
  if (bytes.byteLength < 8) throw invalid('shorter than its 8-byte length field');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  if (headerLength > MAX_HEADER_BYTES || 8 + headerLength > bytes.byteLength) {
    throw invalid(`a header of ${headerLength} bytes in a file of ${bytes.byteLength}`);
  }
  const header = parseHeader(bytes.subarray(8, 8 + headerLength));
  const body = bytes.subarray(8 + headerLength);
  const tensors = new Map<string, Tensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name !== '__metadata__') tensors.set(name, readTensor(name, entry, body));
  }
  return tensors;
}

function parseHeader(bytes: Uint8Array<ArrayBuffer>): Record<string, HeaderEntry> {
  try {
    const header: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (header === null || typeof header !== 'object') throw invalid('the header is no object');
    return header as Record<string, HeaderEntry>;
  } catch (cause) {
    if (cause instanceof HebbError) throw cause;
    throw new HebbError('invalid_package', 'Not a safetensors file: the header is no JSON.', {
      cause,
    });
  }
}

function readTensor(name: string, entry: HeaderEntry, body: Uint8Array<ArrayBuffer>): Tensor {
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!Object.hasOwn(DTYPES, dtype)) throw invalid(`${name} has the unknown dtype ${dtype}`);
  const type = DTYPES[dtype as Dtype];
  const [begin, end] = offsets;
  const count = shape.reduce((product, n) => product * n, 1);
  const fits =
    begin >= 0 && end <= body.byteLength && end - begin === count * type.BYTES_PER_ELEMENT;
  if (!fits) throw invalid(`${name} of shape [${shape}] does not fit its bytes ${begin}..${end}`);
  const start = body.byteOffset + begin;
  const aligned = start % type.BYTES_PER_ELEMENT === 0;
  const data = aligned
    ? new type(body.buffer, start, count)
    : new type(body.slice(begin, end).buffer, 0, count);
  return { dtype: dtype as Dtype, shape, data };
}

/**
 * Writes tensors as a safetensors file; wide dtypes come first, so that every tensor is aligned
 * and can be read without a copy.
 */
export function writeSafetensors(
  tensors: Tensors,
  metadata: Record<string, string> = {},
): Uint8Array<ArrayBuffer> {
  const header: Record<string, HeaderEntry | Record<string, string>> = {};
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  const ordered = [...tensors].sort(([, a], [, b]) => elementBytes(b) - elementBytes(a));
  let size = 0;
  for (const [name, { dtype, shape, data }] of ordered) {
    header[name] = { dtype, shape, data_offsets: [size, size + data.byteLength] };
    size += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil((8 + json.length) / 64) * 64 - 8; // padded with spaces
  const file = new Uint8Array(8 + headerLength + size);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.fill(0x20, 8, 8 + headerLength).set(json, 8);
  let offset = 8 + headerLength;
  for (const [, { data }] of ordered) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return file;
}

const elementBytes = (tensor: Tensor): number => DTYPES[tensor.dtype].BYTES_PER_ELEMENT;

/** The tensor of this name with this dtype, or `invalid_package`. */
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
