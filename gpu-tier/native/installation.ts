/**
 * An installation in the cache: a folder laid out as Python's site-packages, because TensorFlow
 * looks for CUDA's libraries beside its own folder.
 *
 *   <cache>/native/tensorflow-2.21.0-linux-x64-gpu-napi8/
 *     installation.json
 *     tensorflow/libtensorflow_cc.so.2, libtensorflow_framework.so.2, tfjs_binding.node
 *     tensorflow/hebb_kernels-1a2b….node          (for one kind of CPU)
 *     nvidia/cublas/lib/…                         (with CUDA only)
 *
 * @module
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from './command.ts';
import { installKey } from './distribution.ts';
import type { Host } from './host.ts';
import { findKernels } from './kernels.ts';
import type { Flavour } from './wheels.ts';

/** What was installed and from what; kept as installation.json, which is written last. */
export interface InstallationRecord {
  readonly tensorflow: string;
  readonly flavour: Flavour;
  readonly wheels: readonly { readonly file: string; readonly sha256: string }[];
  readonly compiler: string;
}

export interface Installation extends InstallationRecord {
  readonly folder: string;
  /** For `loadBinding`. */
  readonly addon: string;
  /** For `loadKernels`; missing where they could not be compiled. */
  readonly kernels?: string;
}

export const installationFolder = (cache: string, host: Host, flavour: Flavour): string =>
  join(cache, 'native', installKey(host, flavour));

export const addonIn = (folder: string): string => join(folder, 'tensorflow', 'tfjs_binding.node');

const RECORD = 'installation.json';

/** The installation in `folder`; undefined where there is none, or an incomplete one. */
export async function readInstallation(
  folder: string,
  host: Host,
): Promise<Installation | undefined> {
  try {
    const record = JSON.parse(await readFile(join(folder, RECORD), 'utf8')) as InstallationRecord;
    const kernels = await findKernels(folder, host);
    return { ...record, folder, addon: addonIn(folder), ...(kernels && { kernels }) };
  } catch {
    return undefined;
  }
}

export async function writeRecord(folder: string, record: InstallationRecord): Promise<void> {
  await writeFile(join(folder, RECORD), `${JSON.stringify(record, null, 2)}\n`);
}

/** The best installation in the cache: the one with CUDA before the one without. */
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
 * What the environment of a process that loads the addon should hold, above what the user set:
 * TensorFlow's warnings and errors only, and no claim on all of a GPU's memory at start.
 */
export const nativeEnvironment = (env: Environment): Record<string, string> => ({
  TF_CPP_MIN_LOG_LEVEL: env.TF_CPP_MIN_LOG_LEVEL ?? '1',
  TF_FORCE_GPU_ALLOW_GROWTH: env.TF_FORCE_GPU_ALLOW_GROWTH ?? 'true',
});
