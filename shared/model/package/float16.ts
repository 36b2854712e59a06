/**
 * IEEE 754 half precision (binary16): 11 significant bits, 6e-8 to 65504. Weights in F16 take half
 * the space; they are converted to float32 for computing.
 * @module
 */
import type { Tensor, Tensors } from './safetensors.ts';

const word = new Float32Array(1);
const bitsOf = new Uint32Array(word.buffer);

/** Rounds to nearest even; returns raw bits. Numbers that are too large become infinite. */
export function toFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  return Uint16Array.from(values, (value) => {
    word[0] = value;
    const bits = bitsOf[0]!;
    const sign = (bits >>> 16) & 0x8000;
    const magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
    if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and more: infinite
    // Below 2^-14 the half is subnormal: a multiple of 2^-24.
    if (magnitude < 0x38800000) return sign | nearestEven(Math.abs(value) * 2 ** 24);
    const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
    return sign | ((rounded - 0x38000000) >>> 13);
  });
}

function nearestEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  return down + (rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? 1 : 0);
}

/** Raw bits to float32, exactly. */
export function fromFloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(halves, (bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >>> 10) & 31;
    const fraction = bits & 0x3ff;
    if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

/** Converts a tensor of F16 to F32; returns others unchanged. */
export function asFloat32(tensor: Tensor): Tensor {
  if (tensor.dtype !== 'F16') return tensor;
  return { dtype: 'F32', shape: tensor.shape, data: fromFloat16(tensor.data as Uint16Array) };
}

/** The same tensors, those of F32 stored as F16. */
export function inFloat16(tensors: Tensors): Tensors {
  return new Map(
    [...tensors].map(([name, tensor]) => {
      if (tensor.dtype !== 'F32') return [name, tensor];
      return [name, { ...tensor, dtype: 'F16', data: toFloat16(tensor.data as Float32Array) }];
    }),
  );
}
