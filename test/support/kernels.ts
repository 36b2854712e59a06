import { readFileSync } from 'node:fs';

const read = (name: string) =>
  new WebAssembly.Module(
    readFileSync(new URL(`../../shared/engine/kernels/dist/${name}.wasm`, import.meta.url)),
  );

/** Both builds of the kernels, compiled. */
export const kernels = { relaxed: read('relaxed'), simd128: read('simd128') };
