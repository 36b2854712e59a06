/**
 * Compiles the AssemblyScript kernels: `shared/engine/kernels/assembly` → `shared/engine/kernels/dist/*.wasm`.
 * @module
 */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const kernels = fileURLToPath(new URL('../shared/engine/kernels/', import.meta.url));
// Run as a program, since importing it would replace Node's types of `console`.
const asc = fileURLToPath(import.meta.resolve('assemblyscript/bin/asc.js'));

const BUILDS = [
  { name: 'relaxed', features: ['simd', 'relaxed-simd'] },
  { name: 'simd128', features: ['simd'] },
];

await mkdir(`${kernels}dist`, { recursive: true });
for (const { name, features } of BUILDS) {
  await promisify(execFile)(process.execPath, [
    asc,
    `assembly/${name}.ts`,
    ...['--outFile', `dist/${name}.wasm`, '--baseDir', kernels],
    ...['-O3', '--noAssert', '--runtime', 'stub', '--memoryBase', '64'],
    ...features.flatMap((feature) => ['--enable', feature]),
  ]);
}
