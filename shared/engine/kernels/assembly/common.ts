// The kernels of both builds.
export { f32_sigmoid_1c_wasm } from './f32-sigmoid-1c-wasm';
export { f32_softmax_1c_wasm } from './f32-softmax-1c-wasm';
export {
  qc8w_winograd_f3k4_packw_8c2_wasmsimd,
  qc8w_winograd_f4k3_packw_8c2_wasmsimd,
} from './qc8w-winograd-packw-8c2-wasmsimd';
export { qu7_f32_qc8w_gemm_1x8c4_wasmsimd_widen } from './qu7-f32-qc8w-gemm-1x8c4-wasmsimd-widen';
export { qu7_gavgpool_8c_wasmsimd } from './qu7-gavgpool-8c-wasmsimd';
export { qu7_lrn5_8c_wasmsimd } from './qu7-lrn5-8c-wasmsimd';
export { qu7_maxpool_9p16c_wasmsimd } from './qu7-maxpool-9p16c-wasmsimd';
export { qu7_qc8w_winograd_f3k4_4x8c2_wasmsimd } from './qu7-qc8w-winograd-f3k4-4x8c2-wasmsimd';
export { qu7_qc8w_winograd_f4k3_4x8c2_wasmsimd } from './qu7-qc8w-winograd-f4k3-4x8c2-wasmsimd';
export { u8_qu7_pad_8c_wasm } from './u8-qu7-pad-8c-wasm';
