import { fileURLToPath } from 'node:url';
import { HebbError } from '../../shared/model/errors.ts';
import { type Environment, runCommand } from './command.ts';
import { nativeEnvironment } from './installation.ts';
import type { Probe } from './probe-process.ts';

/** CUDA's first start on a machine may compile kernels for minutes. */
const TIMEOUT_MS = 180_000;

/**
 * Loads the addon in a process of its own, has TensorFlow multiply two matrices and checks the
 * product: a library of another processor, a broken file or a missing symbol shows here, and what
 * crashes is not this process. Throws `native_unavailable`.
 */
export async function probeAddon(addon: string, env: Environment): Promise<Probe> {
  const script = fileURLToPath(new URL('./probe-process.ts', import.meta.url));
  const { code, stdout, stderr } = await runCommand(process.execPath, [script, addon], {
    env: { ...env, ...nativeEnvironment(env) },
    timeout: TIMEOUT_MS,
  });
  if (code === 0) return JSON.parse(stdout) as Probe;
  const why = stderr.trim() || (code === undefined ? 'the process crashed' : `exit code ${code}`);
  throw new HebbError('native_unavailable', `TensorFlow does not run here: ${why}`, {
    hint: 'Build it anew (hebb native install --force), or choose --backend wasm.',
  });
}
