import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { supportsRelaxedSimd } from '@hebb/engine';

/** Compiles the fastest build of the edge's kernels that this Node supports. */
export async function loadKernels(): Promise<WebAssembly.Module> {
  const build = supportsRelaxedSimd() ? 'relaxed' : 'simd128';
  const path = fileURLToPath(import.meta.resolve(`@hebb/engine/kernels/dist/${build}.wasm`));
  return WebAssembly.compile(await readFile(path));
}
