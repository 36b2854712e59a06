/**
 * An installation in the cache. The folder has the layout of Python's site-packages, because TensorFlow looks for
 * CUDA's libraries beside its own folder.
 *
 *   <cache>/native/tensorflow-2.21.0-linux-x64-gpu-napi8/
 *     installation.json
 *     tensorflow/libtensorflow_cc.so.2, libtensorflow_framework.so.2, tfjs_binding.node
 *     tensorflow/hebb_kernels-1a2b….node          (for one kind of CPU)
 *     nvidia/cublas/lib/…                         (with CUDA only)
 *
 * @module
 */
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HebbError } from '@hebb/model/errors';
import type { Environment } from './command.ts';
import { installKey } from './distribution.ts';
import type { Host } from './host.ts';
import { findKernels } from './kernels.ts';
import type { Flavour } from './wheels.ts';

/** Content of installation.json, which is written last. */
export interface InstallationRecord {
  readonly tensorflow: string;
  readonly flavour: Flavour;
  readonly wheels: readonly { readonly file: string; readonly sha256: string }[];
  readonly compiler: string;
}

export interface Installation extends InstallationRecord {
  readonly folder: string;
  /** Path for `loadBinding`. */
  readonly addon: string;
  /** Path for `loadKernels`; missing if they could not be compiled. */
  readonly kernels?: string;
  /** Why there are no `kernels`, if known. */
  readonly noKernels?: string;
}

export const installationFolder = (cache: string, host: Host, flavour: Flavour): string =>
  join(cache, 'native', installKey(host, flavour));

export const addonIn = (folder: string): string => join(folder, 'tensorflow', 'tfjs_binding.node');

const RECORD = 'installation.json';

/**
 * The installation in `folder`; undefined if there is none, or it is incomplete. Throws `native_unusable` for an
 * unreadable one, which must not count as absent.
 */
export async function readInstallation(
  folder: string,
  host: Host,
): Promise<Installation | undefined> {
  const record = await readRecord(folder);
  if (!record) return undefined;
  const kernels = await findKernels(folder, host);
  return { ...record, folder, addon: addonIn(folder), ...(kernels && { kernels }) };
}

/** Errors of open and stat for a missing file. */
const NOTHING_THERE = new Set(['ENOENT', 'ENOTDIR']);

async function readRecord(folder: string): Promise<InstallationRecord | undefined> {
  const file = join(folder, RECORD);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    if (NOTHING_THERE.has(code)) return undefined;
    const denied = code === 'EACCES' || code === 'EPERM';
    const why = denied ? `this user (${whoami()}) may not read it` : (cause as Error).message;
    throw new HebbError('native_unusable', `${file}: ${why}.`, {
      hint: denied ? `Run as its owner: chmod -R a+rX ${folder}` : 'Check the disk.',
      cause,
    });
  }
  try {
    return JSON.parse(text) as InstallationRecord;
  } catch (cause) {
    throw new HebbError('native_unusable', `${file} is damaged: it is not JSON.`, {
      hint: 'Reinstall it: hebb native install --force',
      cause,
    });
  }
}

/** The user by number, since a user in a container may have no name. */
const whoami = (): string => (process.getuid ? `uid ${process.getuid()}` : 'this account');

/**
 * Makes an installation readable by all users, like packages of a distribution: the user who installs it (root, in an
 * image) is often not the one who runs the service. `mkdtemp` creates folders for their owner only, and so may a
 * umask.
 */
export async function letEveryoneRead(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const path of [folder, ...paths]) {
    const { mode } = await stat(path);
    // Copies the owner's read and execute bits to group and others.
    const wanted = mode | ((mode & 0o500) >> 3) | ((mode & 0o500) >> 6);
    if (wanted !== mode) await chmod(path, wanted & 0o7777);
  }
}

export async function writeRecord(folder: string, record: InstallationRecord): Promise<void> {
  await writeFile(join(folder, RECORD), `${JSON.stringify(record, null, 2)}\n`);
}

/**
 * The installation with CUDA if there is one, else the one without. Throws `native_unusable` as
 * `readInstallation` does.
 */
export async function findInstallation(
  cache: string,
  host: Host,
): Promise<Installation | undefined> {
  for (const flavour of ['gpu', 'cpu'] as const) {
    const found = await readInstallation(installationFolder(cache, host, flavour), host);
    if (found) return found;
  }
  return undefined;
}

/**
 * Defaults for the environment of a process that loads the addon, unless the user has set them: log only warnings and
 * errors of TensorFlow, and allocate GPU memory on demand.
 */
export const nativeEnvironment = (env: Environment): Record<string, string> => ({
  TF_CPP_MIN_LOG_LEVEL: env.TF_CPP_MIN_LOG_LEVEL ?? '1',
  TF_FORCE_GPU_ALLOW_GROWTH: env.TF_FORCE_GPU_ALLOW_GROWTH ?? 'true',
});
