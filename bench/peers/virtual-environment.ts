import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Creates a Python virtual environment with these requirements, if it is missing. Returns its Python's path. */
export async function virtualEnvironment(venv: string, requirements: string): Promise<string> {
  const python = join(venv, 'bin', 'python');
  if (!existsSync(python)) await run('python3', ['-m', 'venv', venv]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements]);
  return python;
}

/** Runs a command with inherited output. TensorFlow logs errors only. */
export function run(command: string, args: readonly string[]): Promise<void> {
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
