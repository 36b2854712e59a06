import { join } from 'node:path';
import { run, virtualEnvironment } from './virtual-environment.ts';

/**
 * Makes the peers' model files with Python: a virtual environment under `cache` (once; TensorFlow
 * and ONNX Runtime, 1 GB), then make_models.py for each folder. Rejects with what went wrong.
 */
export async function makePeerModels(cache: string, folders: readonly string[]): Promise<void> {
  const here = import.meta.dirname;
  const python = await virtualEnvironment(join(cache, 'venv'), join(here, 'requirements.txt'));
  for (const folder of folders) await run(python, [join(here, 'make_models.py'), folder]);
}
