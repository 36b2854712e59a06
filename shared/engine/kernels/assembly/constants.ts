// Constant vectors in the module's data. V8 builds an inline constant at every use, in three
// instructions, two of which compete with the kernels' own; a load is one, and overlaps with others.

const ONE = memory.data<u32>([0x00010001, 0x00010001, 0x00010001, 0x00010001], 16);
const MAGIC = memory.data<u32>([0x4b400000, 0x4b400000, 0x4b400000, 0x4b400000], 16);
const U7_MAX = memory.data<u32>([0x7f7f7f7f, 0x7f7f7f7f, 0x7f7f7f7f, 0x7f7f7f7f], 16);
const NINTH = memory.data<u32>([0x38e38e39, 0x38e38e39, 0x38e38e39, 0x38e38e39], 16);

/** Eight int16 of 1. */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
export function ones(): v128 {
  return v128.load(ONE);
}

/** Four float32 of 1.5 * 2^23, which rounds and is then subtracted as int32 (requantize.ts). */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
export function magic(): v128 {
  return v128.load(MAGIC);
}

/** Sixteen bytes of 127. */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
export function u7Max(): v128 {
  return v128.load(U7_MAX);
}

/** The inverse of 9 modulo 2^32, as four int32. */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
export function ninth(): v128 {
  return v128.load(NINTH);
}
