/** Modules that engines/hebb.ts passes to Miniflare with worker.ts. */
declare module 'bench-kernels.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
declare module 'bench-weights.bin' {
  const weights: ArrayBuffer;
  export default weights;
}
declare module 'bench-spec.json' {
  const spec: import('@hebb/model').NetworkSpec;
  export default spec;
}
