import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HebbError } from '@hebb/model/errors';
import type { Tf } from '@hebb/model/reference/compute';

/** tfjs in Node with its wasm backend (float32, SIMD) set and ready. */
export async function loadTfjsWasm(): Promise<Tf> {
  const tf = await import('@tensorflow/tfjs-core');
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  const entry = fileURLToPath(import.meta.resolve('@tensorflow/tfjs-backend-wasm'));
  setWasmPaths(`${dirname(entry)}/`);
  if (!(await tf.setBackend('wasm'))) {
    throw new HebbError('internal', 'The wasm backend of tfjs does not start.');
  }
  return tf;
}
