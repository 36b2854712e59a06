import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes the peers' model files with Python: a virtual environment under `cache` (once; TensorFlow
 * and ONNX Runtime, 1 GB), then make_models.py for each folder. Rejects with what went wrong.
 */
export async function makePeerModels(cache: string, folders: readonly string[]): Promise<void> {
  const python = await virtualEnvironment(join(cache, 'venv'));
  for (const folder of folders) {
    await run(python, [join(import.meta.dirname, 'make_models.py'), folder]);
  }
}

async function virtualEnvironment(venv: string): Promise<string> {
  const python = join(venv, 'bin', 'python');
  const requirements = join(import.meta.dirname, 'requirements.txt');
  if (!existsSync(python)) await run('python3', ['-m', 'venv', venv]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements]);
  return python;
}

/** Runs a command with its output on ours. TensorFlow's own log is kept to errors. */
function run(command: string, args: readonly string[]): Promise<void> {
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2', PYTHONDONTWRITEBYTECODE: '1' };
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ${args[0]} ended with ${code}.`));
    });
  });
}
