/**
 * What is asked of pip: where a wheel is, and to fetch it where only pip can.
 *
 * pip knows the index, its mirrors and credentials (pip.conf, PIP_INDEX_URL, PIP_FIND_LINKS); it is
 * told the wheel's tags, so that any Python's pip gives the same file.
 * @module
 */
import { fileURLToPath } from 'node:url';
import { HebbError } from '../../shared/model/errors.ts';
import { type Environment, runCommand } from './command.ts';
import type { Wheel } from './wheels.ts';

export interface PipOptions {
  /** The Python whose pip is used. */
  readonly python: string;
  readonly env: Environment;
}

/** pip's words for the wheel and nothing else: `tensorflow-cpu==2.21.0` of exactly these tags. */
export function pipSelection({ file }: Wheel): string[] {
  const [project = '', version = '', python = '', abi = '', platforms = ''] = file
    .replace(/\.whl$/, '')
    .split('-');
  const cpython = /^cp(\d)(\d+)$/.exec(python);
  return [
    '--no-deps',
    '--only-binary=:all:',
    ...platforms.split('.').flatMap((platform) => ['--platform', platform]),
    ...['--python-version', cpython ? `${cpython[1]}.${cpython[2]}` : '3.11'],
    ...['--implementation', cpython ? 'cp' : 'py'],
    ...['--abi', abi],
    `${project.replaceAll('_', '-')}==${version}`,
  ];
}

/**
 * The address of the wheel on the index that pip is set up for, or a `file:` URL when pip finds it
 * in a folder. Undefined when pip is older than 22.2, whose reports this needs, or does not find it.
 */
export async function locateWheel(wheel: Wheel, options: PipOptions): Promise<URL | undefined> {
  const { code, stdout } = await pip(
    [
      ...['install', '--dry-run', '--ignore-installed', '--quiet', '--report', '-'],
      ...['--target', 'unused'], // pip wants one where tags are given; a dry run writes nothing
      ...pipSelection(wheel),
    ],
    options,
  );
  if (code !== 0) return undefined;
  try {
    const { install } = JSON.parse(stdout) as { install: { download_info: { url: string } }[] };
    const url = new URL(install[0]!.download_info.url);
    return decodeURIComponent(url.pathname).endsWith(`/${wheel.file}`) ? url : undefined;
  } catch {
    return undefined;
  }
}

/** `pip download` into `folder`. Throws `download_failed` with pip's last words. */
export async function downloadWithPip(
  wheel: Wheel,
  folder: string,
  options: PipOptions,
): Promise<void> {
  const args = ['download', '--quiet', '--dest', folder, ...pipSelection(wheel)];
  const { code, stderr } = await pip(args, options);
  if (code === 0) return;
  const why = stderr.trim().split('\n').at(-1) ?? `exit code ${code}`;
  throw new HebbError('download_failed', `pip does not get ${wheel.file}: ${why}`);
}

const pip = (args: readonly string[], { python, env }: PipOptions) =>
  runCommand(python, ['-m', 'pip', '--disable-pip-version-check', '--no-input', ...args], { env });

/** The path of a `file:` URL; undefined for all others. */
export const localPath = (url: URL): string | undefined =>
  url.protocol === 'file:' ? fileURLToPath(url) : undefined;
