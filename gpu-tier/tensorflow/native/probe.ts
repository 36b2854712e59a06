import { fileURLToPath } from 'node:url';
import { HebbError } from '@hebb/model/errors';
import { type Environment, runCommand } from './command.ts';
import { nativeEnvironment } from './installation.ts';
import type { Probe } from './probe-process.ts';

/** The first start of CUDA on a machine may compile kernels for minutes. */
const TIMEOUT_MS = 180_000;

/**
 * Loads the addon in a child process, multiplies two matrices with TensorFlow and checks the product. A library for
 * another processor, a damaged file or a missing symbol fails there without crashing this process. Throws
 * `native_unavailable`.
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
    hint: 'Reinstall it (hebb native install --force), or use --backend wasm.',
  });
}
