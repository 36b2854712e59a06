/**
 * The two programs that an installation needs: Python with pip, and a C++ compiler.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { type Environment, runCommand } from './command.ts';
import type { Host } from './host.ts';

export interface Tool {
  readonly command: string;
  /** First line of its version output. */
  readonly version: string;
}

/** A tool that was not found, and how to install it. */
export interface Missing {
  readonly missing: 'python' | 'pip' | 'compiler';
  readonly message: string;
  readonly fix: string;
}

export type Found = Tool | Missing;

export const isMissing = (found: Found): found is Missing => 'missing' in found;

/** A Python with a working pip; HEBB_PYTHON overrides the search. */
export async function findPython(env: Environment, host: Host): Promise<Found> {
  const candidates = env.HEBB_PYTHON ? [env.HEBB_PYTHON] : ['python3', 'python'];
  let python: string | undefined;
  for (const command of candidates) {
    const found = await runCommand(command, ['--version'], { env, timeout: 60_000 });
    if (found.code !== 0) continue;
    python ??= command;
    const pip = await runCommand(command, ['-m', 'pip', '--version'], { env, timeout: 60_000 });
    if (pip.code !== 0) continue;
    const [name = '', version = ''] = pip.stdout.split(' '); // pip 23.2.1 from …
    return { command, version: `${found.stdout.trim()}, ${name} ${version}` };
  }
  if (!python) {
    const fix = by(host, 'sudo apt-get install python3-pip', 'brew install python');
    return { missing: 'python', message: `${candidates.join(' or ')} was not found.`, fix };
  }
  const fix = by(host, 'sudo apt-get install python3-pip', `${python} -m ensurepip --user`);
  return { missing: 'pip', message: `${python} has no pip.`, fix };
}

/** A C++ compiler; CXX overrides the search. */
export async function findCompiler(env: Environment, host: Host): Promise<Found> {
  const candidates = env.CXX ? [env.CXX] : ['c++', 'g++', 'clang++'];
  for (const command of candidates) {
    const found = await runCommand(command, ['--version'], { env, timeout: 60_000 });
    if (found.code === 0) return { command, version: found.stdout.split('\n')[0]!.trim() };
  }
  const fix = by(host, 'sudo apt-get install g++', 'xcode-select --install');
  return { missing: 'compiler', message: `No C++ compiler: ${candidates.join(', ')}.`, fix };
}

/** The tool. Throws `native_unavailable` with the fix as hint if it is missing. */
export function need(found: Found): Tool {
  if (isMissing(found)) {
    throw new HebbError('native_unavailable', found.message, { hint: found.fix });
  }
  return found;
}

/** The command for Debian or Homebrew; other systems have packages with similar names. */
const by = (host: Host, linux: string, macos: string): string =>
  host.platform === 'darwin' ? macos : `${linux} (or your system's package of that name)`;
