/**
 * Reads the numbers of a TensorProto from any of its storage fields.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { DATA_TYPE, quoted, type TensorProto } from './model.ts';

/** Above any tensor of a GoogLeNet (the linear layer of 100,000 classes has 102 million numbers). */
const MAX_ELEMENTS = 2 ** 28;

/** The tensor's shape. Throws `unsupported_model` for negative or too many elements. */
export function tensorShape(tensor: TensorProto): number[] {
  const dims = [...(tensor.dims ?? [])];
  const sane = dims.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!sane || dims.length > 8 || dims.reduce((product, n) => product * n, 1) > MAX_ELEMENTS) {
    throw broken(tensor, `has the impossible shape [${dims.slice(0, 8)}]`);
  }
  return dims;
}

type Values = Float32Array | Float64Array;

/** How one data type is stored: raw little-endian bytes, or a typed field of the message. */
interface Storage {
  readonly bytes: number;
  readonly read: (view: DataView, byteOffset: number) => number;
  readonly typed: (tensor: TensorProto) => readonly number[] | undefined;
}

const FLOATS: Readonly<Record<number, Storage>> = {
  [DATA_TYPE.float]: {
    bytes: 4,
    read: (view, at) => view.getFloat32(at, true),
    typed: (tensor) => tensor.float_data,
  },
  [DATA_TYPE.double]: {
    bytes: 8,
    read: (view, at) => view.getFloat64(at, true),
    typed: (tensor) => tensor.double_data,
  },
  // Both 16-bit formats store their bits in int32_data (onnx.proto, TensorProto).
  [DATA_TYPE.float16]: {
    bytes: 2,
    read: (view, at) => halfToFloat(view.getUint16(at, true)),
    typed: (tensor) => tensor.int32_data?.map(halfToFloat),
  },
  [DATA_TYPE.bfloat16]: {
    bytes: 2,
    read: (view, at) => bfloatToFloat(view.getUint16(at, true)),
    typed: (tensor) => tensor.int32_data?.map(bfloatToFloat),
  },
};

const INTEGERS: Readonly<Record<number, Storage>> = {
  [DATA_TYPE.int64]: {
    bytes: 8,
    read: (view, at) => Number(view.getBigInt64(at, true)),
    typed: (tensor) => tensor.int64_data,
  },
  [DATA_TYPE.int32]: {
    bytes: 4,
    read: (view, at) => view.getInt32(at, true),
    typed: (tensor) => tensor.int32_data,
  },
};

/** True for the data types that `readFloats` reads. */
export const isFloatTensor = ({ data_type }: TensorProto): boolean =>
  Object.hasOwn(FLOATS, data_type ?? 0);

/** A float tensor's values as float32; float16, bfloat16 and float64 are converted. */
export function readFloats(tensor: TensorProto): Float32Array {
  const storage = FLOATS[tensor.data_type ?? 0];
  if (!storage) throw broken(tensor, `has data type ${tensor.data_type}, not floating point`);
  return read(tensor, storage, (length) => new Float32Array(length));
}

/** An integer tensor's values (shapes, axes and indices are int64 or int32). */
export function readIntegers(tensor: TensorProto): number[] {
  const storage = INTEGERS[tensor.data_type ?? 0];
  if (!storage) throw broken(tensor, `has data type ${tensor.data_type}, not integers`);
  return [...read(tensor, storage, (length) => new Float64Array(length))];
}

function read<V extends Values>(
  tensor: TensorProto,
  storage: Storage,
  allocate: (length: number) => V,
): V {
  const length = tensorShape(tensor).reduce((product, n) => product * n, 1);
  const raw = tensor.raw_data?.byteLength ? tensor.raw_data : undefined;
  const typed = raw ? undefined : storage.typed(tensor);
  // Compared before the allocation, so that a file cannot request more memory than it has values.
  const found = raw ? raw.byteLength / storage.bytes : (typed?.length ?? 0);
  if (found !== length) {
    throw broken(tensor, `has ${found} values for the shape [${tensor.dims}]`);
  }
  const values = allocate(length);
  if (!raw) values.set(typed ?? []);
  else {
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
    for (let i = 0; i < length; i++) values[i] = storage.read(view, i * storage.bytes);
  }
  return values;
}

/** Decodes the low 16 bits as IEEE 754 binary16. */
function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const scratch = new DataView(new ArrayBuffer(4));

/** bfloat16 is the upper half of a float32. */
function bfloatToFloat(bits: number): number {
  scratch.setUint16(0, bits & 0xffff);
  scratch.setUint16(2, 0);
  return scratch.getFloat32(0);
}

const broken = ({ name }: TensorProto, what: string) =>
  new HebbError('unsupported_model', `The tensor ${quoted(name)} ${what}.`);
