// Entry point of the relaxed SIMD build. The names' grammar: ../README.md.
export {
  dotFingerprint,
  qu7_qc8w_igemm_6x8c4_wasmrelaxedsimd_dot,
} from './qu7-qc8w-igemm-6x8c4-wasmrelaxedsimd-dot';
export { qu7_qc8w_igemm_4x8c4_wasmrelaxedsimd_paired } from './qu7-qc8w-igemm-4x8c4-wasmrelaxedsimd-paired';
export * from './common';
