/**
 * Compiles the AssemblyScript kernels of `shared/engine/kernels/assembly` to `shared/engine/kernels/dist/*.wasm`.
 * @module
 */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = fileURLToPath(new URL('..', import.meta.url));

const BUILDS = [
  { name: 'relaxed', features: ['simd', 'relaxed-simd'] },
  { name: 'simd128', features: ['simd'] },
];

await mkdir(`${root}edge/kernels/dist`, { recursive: true });
for (const { name, features } of BUILDS) {
  const { error, stderr } = await asc.main(
    [
      `shared/engine/kernels/assembly/${name}.ts`,
      ...['--outFile', `shared/engine/kernels/dist/${name}.wasm`],
      ...['--baseDir', root, '-O3', '--noAssert', '--runtime', 'stub', '--memoryBase', '64'],
      ...features.flatMap((feature) => ['--enable', feature]),
    ],
    {},
  );
  if (error) {
    console.error(stderr.toString());
    throw error;
  }
}
