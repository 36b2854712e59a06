import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, bundleCode } from './bundle.ts';
import { KERNELS } from './engines/hebb.ts';
import { peerPath } from './peers/install.ts';

/** Size of an engine without weights, bytes. */
export interface RuntimeSize {
  readonly name: string;
  readonly ours: boolean;
  /** JavaScript, minified. */
  readonly js: number;
  /** WebAssembly or native code. */
  readonly binary: number;
  /** The files that were counted. */
  readonly files: string;
}

/** The sizes of all engines, without peers that are not installed. */
export async function runtimeSizes(peersInstalled: boolean): Promise<readonly RuntimeSize[]> {
  const measured = [hebb(), tfjs(), ...(peersInstalled ? [ortWeb(), litert()] : []), ortNode()];
  return Promise.all(measured);
}

async function hebb(): Promise<RuntimeSize> {
  const entry = fileURLToPath(new URL('../shared/engine/index.ts', import.meta.url));
  return {
    name: 'Hebb',
    ours: true,
    js: Buffer.byteLength(await bundle(entry)),
    binary: await size(KERNELS),
    files: 'shared/engine bundled; the relaxed SIMD build',
  };
}

/** The functions of tfjs-core that the network needs; the bundler drops the rest. */
const TFJS_NAMES =
  'setBackend, tidy, keep, dispose, tensor, tensor4d, fused, maxPool, ' +
  'localResponseNormalization, concat, mean, reshape, matMul, add, relu, softmax';

async function tfjs(): Promise<RuntimeSize> {
  const code = await bundleCode(`
    export { ${TFJS_NAMES} } from '@tensorflow/tfjs-core';
    export { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
  `);
  const entry = fileURLToPath(import.meta.resolve('@tensorflow/tfjs-backend-wasm'));
  return {
    name: 'tfjs-backend-wasm',
    ours: false,
    js: Buffer.byteLength(code),
    binary: await size(join(dirname(entry), 'tfjs-backend-wasm-simd.wasm')),
    files: 'tfjs-core and the backend, bundled; the SIMD build',
  };
}

async function ortWeb(): Promise<RuntimeSize> {
  const dist = (file: string) => peerPath('onnxruntime-web', 'dist', file);
  return {
    name: 'onnxruntime-web',
    ours: false,
    js: await size(dist('ort.wasm.bundle.min.mjs')),
    binary: await size(dist('ort-wasm-simd-threaded.wasm')),
    files: 'ort.wasm.bundle.min.mjs, ort-wasm-simd-threaded.wasm',
  };
}

async function litert(): Promise<RuntimeSize> {
  const core = (...parts: string[]) => peerPath('@litertjs', 'core', ...parts);
  const library = Buffer.byteLength(await bundle(core('dist', 'index.js')));
  return {
    name: 'LiteRT.js',
    ours: false,
    js: library + (await size(core('wasm', 'litert_wasm_internal.js'))),
    binary: await size(core('wasm', 'litert_wasm_internal.wasm')),
    files: '@litertjs/core bundled, litert_wasm_internal.js and .wasm',
  };
}

async function ortNode(): Promise<RuntimeSize> {
  const entry = fileURLToPath(import.meta.resolve('onnxruntime-node'));
  const folder = join(dirname(entry), '..', 'bin', 'napi-v6', process.platform, process.arch);
  const files = await readdir(folder);
  const sizes = await Promise.all(files.map((file) => size(join(folder, file))));
  return {
    name: 'onnxruntime-node',
    ours: false,
    js: Buffer.byteLength(await bundleCode(`export * from 'onnxruntime-common';`)),
    binary: sizes.reduce((sum, bytes) => sum + bytes, 0),
    files: files.join(', '),
  };
}

const size = async (path: string): Promise<number> => (await stat(path)).size;
