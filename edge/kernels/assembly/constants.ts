// Constant vectors, in the module's data. V8 builds a constant anew for every use, in three
// instructions, two of which compete with the kernels' own; a load is one, and hides among others.

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

/** Four float32 of 1.5 * 2^23: as int32, what is left of it after rounding (requantize.ts). */
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

/** Four int32 that times 9 are 1, modulo 2^32. */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
export function ninth(): v128 {
  return v128.load(NINTH);
}
