/**
 * Uses pip to locate a wheel, and to download it if a plain request fails.
 *
 * pip knows the index, its mirrors and credentials (pip.conf, PIP_INDEX_URL, PIP_FIND_LINKS). It gets the wheel's
 * tags as arguments, so that the pip of any Python selects the same file.
 * @module
 */
import { fileURLToPath } from 'node:url';
import { HebbError } from '@hebb/model/errors';
import { type Environment, runCommand } from './command.ts';
import type { Wheel } from './wheels.ts';

export interface PipOptions {
  /** Command of the Python whose pip is used. */
  readonly python: string;
  readonly env: Environment;
}

/** pip's arguments that select exactly this wheel: `tensorflow-cpu==2.21.0` with its tags. */
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
 * The URL of the wheel on the configured index, or a `file:` URL if pip finds it in a folder. Undefined if pip does
 * not find it, or is older than 22.2 and has no reports.
 */
export async function locateWheel(wheel: Wheel, options: PipOptions): Promise<URL | undefined> {
  const { code, stdout } = await pip(
    [
      ...['install', '--dry-run', '--ignore-installed', '--quiet', '--report', '-'],
      ...['--target', 'unused'], // pip requires it with tags; a dry run writes nothing
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

/** `pip download` into `folder`. Throws `download_failed` with the last line of pip's output. */
export async function downloadWithPip(
  wheel: Wheel,
  folder: string,
  options: PipOptions,
): Promise<void> {
  const args = ['download', '--quiet', '--dest', folder, ...pipSelection(wheel)];
  const { code, stderr } = await pip(args, options);
  if (code === 0) return;
  const why = stderr.trim().split('\n').at(-1) ?? `exit code ${code}`;
  throw new HebbError('download_failed', `pip cannot download ${wheel.file}: ${why}`);
}

const pip = (args: readonly string[], { python, env }: PipOptions) =>
  runCommand(python, ['-m', 'pip', '--disable-pip-version-check', '--no-input', ...args], { env });

/** The path of a `file:` URL; undefined for other URLs. */
export const localPath = (url: URL): string | undefined =>
  url.protocol === 'file:' ? fileURLToPath(url) : undefined;
