/**
 * Clients of the protocol, installed from PyPI.
 * @module
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '@hebb/local/bundle';
import { PYTHON } from '../support/wheel.ts';

const run = promisify(execFile);

/** The newest at the time of writing. */
const CLIENTS = { tritonclient: 'tritonclient[http]==2.73.0', kserve: 'kserve==0.21.0' };

/** A Python with that client, in a virtual environment that is created once per clone. */
async function pythonWith(client: keyof typeof CLIENTS): Promise<string> {
  const environment = join(ROOT, '.cache', client);
  const python = join(environment, 'bin', 'python');
  const marker = join(environment, 'ready');
  if (existsSync(marker)) return python;
  await run(PYTHON, ['-m', 'venv', '--clear', environment]);
  const options = ['--quiet', '--disable-pip-version-check'];
  await run(python, ['-m', 'pip', 'install', ...options, CLIENTS[client]]);
  await writeFile(marker, CLIENTS[client]);
  return python;
}

/** Runs the script in this folder that uses the client, and parses its output. */
export async function usePythonClient(
  client: keyof typeof CLIENTS,
  args: readonly string[],
): Promise<Record<string, unknown>> {
  const script = join(import.meta.dirname, `use_${client}.py`);
  const python = await pythonWith(client);
  const { stdout } = await run(python, [script, ...args], { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout) as Record<string, unknown>;
}
