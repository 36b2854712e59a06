/** What Miniflare is given beside worker.ts (see engines/hebb-workerd.ts). */
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
