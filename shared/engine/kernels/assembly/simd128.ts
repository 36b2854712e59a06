// Entry point of the simd128 build, for engines without relaxed SIMD. The names' grammar: ../README.md.
export { qu7_qc8w_igemm_2x8c4_wasmsimd_widen } from './qu7-qc8w-igemm-2x8c4-wasmsimd-widen';
export * from './common';
