/**
 * `hebb native install`: takes TensorFlow's C library from its Python wheel and compiles the addon of
 * @tensorflow/tfjs-node-gpu against it, in a folder that all clones on a machine share.
 * @module
 */
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { HebbError } from '@hebb/model/errors';
import { withLock } from '@hebb/packages/storage/lock';
import type { Environment } from './command.ts';
import { compileAddon } from './compile.ts';
import { distributionFor } from './distribution.ts';
import { fetchWheel } from './fetch-wheel.ts';
import type { Host } from './host.ts';
import {
  addonIn,
  type Installation,
  installationFolder,
  letEveryoneRead,
  readInstallation,
  writeRecord,
} from './installation.ts';
import { provideKernels } from './kernels.ts';
import { probeAddon } from './probe.ts';
import { findCompiler, findPython, need, type Tool } from './tools.ts';
import { CUDA_FILES, tensorflowFiles, unpack } from './unpack.ts';
import { type Distribution, type Flavour, wheelsOf } from './wheels.ts';

export type InstallStep = 'wait' | 'find' | 'download' | 'unpack' | 'compile' | 'try' | 'kernels';

export interface InstallOptions {
  /** Hebb's cache folder. */
  readonly cache: string;
  readonly host: Host;
  readonly flavour: Flavour;
  /** Replaces an existing installation. */
  readonly force?: boolean;
  readonly env: Environment;
  readonly fetch: typeof fetch;
  /** Called with the current step; during a download also with the bytes received and the total. */
  readonly onProgress?: (step: InstallStep, done?: number, total?: number) => void;
  /** The wheels to install instead of the pinned ones. */
  readonly distribution?: Distribution;
}

/**
 * Installs the native library unless it is installed, and returns it. If several processes call this at once, one
 * installs and the others wait. An interrupted download is resumed.
 *
 * Throws `native_unavailable` (no library for this machine, no pip or no compiler; the hint gives the remedy),
 * `native_unusable` (installed, but unreadable), `download_failed` or `checksum_mismatch`.
 */
export async function installNative(options: InstallOptions): Promise<Installation> {
  const { host, env, onProgress } = options;
  const installation = await installLibrary(options);
  const { folder } = installation;
  const onCompile = () => onProgress?.('kernels');
  const kernels = await provideKernels({ folder, host, env, onCompile });
  // Older versions made the folder readable by its owner only. This fails for another user's folder.
  await letEveryoneRead(folder).catch(() => {});
  return kernels.kind === 'ready'
    ? { ...installation, kernels: kernels.file }
    : { ...installation, noKernels: kernels.reason };
}

async function installLibrary(options: InstallOptions): Promise<Installation> {
  const { cache, host, flavour, force = false, env, onProgress } = options;
  const distribution = options.distribution ?? distributionFor(host, flavour);
  const folder = installationFolder(cache, host, flavour);
  // With --force even an unreadable installation is replaced.
  const installed = force ? undefined : await readInstallation(folder, host);
  if (installed) return installed;
  // Check the tools before the download of hundreds of megabytes.
  const python = need(await findPython(env, host));
  const compiler = need(await findCompiler(env, host));
  const tools = { python, compiler };
  try {
    return await withLock(
      `${folder}.lock`,
      async () => {
        // Another process may have installed it while this one waited.
        const others = force ? undefined : await readInstallation(folder, host);
        if (others) return others;
        return await build(folder, distribution, tools, options);
      },
      { onWait: () => onProgress?.('wait') },
    );
  } catch (cause) {
    if (cause instanceof HebbError || !(cause instanceof Error) || !('syscall' in cause))
      throw cause;
    throw new HebbError('native_unavailable', `${folder} cannot be written: ${cause.message}`, {
      hint: 'Free some disk space, or set HEBB_CACHE to another folder.',
      cause,
    });
  }
}

/** Part of the name of an unfinished folder. */
const PARTIAL = '.partial-';

/** Builds in a temporary folder beside `folder`, and renames it once the library has run. */
async function build(
  folder: string,
  distribution: Distribution,
  { python, compiler }: { python: Tool; compiler: Tool },
  { cache, host, flavour, env, fetch, onProgress }: InstallOptions,
): Promise<Installation> {
  const pip = { python: python.command, env };
  const downloads = join(cache, 'wheels');
  await mkdir(downloads, { recursive: true });
  await mkdir(dirname(folder), { recursive: true });
  const { wheels, bytes } = wheelsOf(distribution);
  const paths: string[] = [];
  let before = 0;
  for (const wheel of wheels) {
    onProgress?.('find');
    const report = (done: number) => onProgress?.('download', before + done, bytes);
    paths.push(await fetchWheel(wheel, { ...pip, folder: downloads, fetch, onProgress: report }));
    before += wheel.bytes;
  }
  await removeLeftOvers(folder);
  const work = await mkdtemp(`${folder}${PARTIAL}`);
  try {
    onProgress?.('unpack');
    for (const [i, path] of paths.entries()) {
      await unpack(path, work, i === 0 ? tensorflowFiles(distribution) : CUDA_FILES, pip);
    }
    onProgress?.('compile');
    const addon = addonIn(work);
    const { command } = compiler;
    await compileAddon({ folder: work, addon, compiler: command, distribution, host, env });
    await rm(join(work, 'tensorflow', 'include'), { recursive: true });
    onProgress?.('try');
    const { tensorflow } = await probeAddon(addon, env);
    const record = {
      tensorflow,
      flavour,
      wheels: wheels.map(({ file, sha256 }) => ({ file, sha256 })),
      compiler: compiler.version,
    };
    await writeRecord(work, record);
    await letEveryoneRead(work);
    await replaceFolder(work, folder);
    const own = paths.filter((path) => dirname(path) === downloads);
    await Promise.all(own.map((path) => rm(path, { force: true })));
    return { ...record, folder, addon: addonIn(folder) };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Removes folders of killed processes. Needs the lock, under which no other process builds. */
async function removeLeftOvers(folder: string): Promise<void> {
  const names = await readdir(dirname(folder));
  const left = names.filter((name) => name.startsWith(`${basename(folder)}${PARTIAL}`));
  const paths = left.map((name) => join(dirname(folder), name));
  await Promise.all(paths.map((path) => rm(path, { recursive: true, force: true })));
}

/** Removing the old folder is safe: processes that use the old library keep its files open. */
async function replaceFolder(from: string, to: string): Promise<void> {
  const old = `${from}.old`;
  const moved = await rename(to, old).then(
    () => true,
    () => false,
  );
  await rename(from, to);
  if (moved) await rm(old, { recursive: true, force: true });
}
