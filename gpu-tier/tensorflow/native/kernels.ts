/**
 * Compiles our own kernels (gpu-tier/tensorflow/kernels) for the CPU of this machine, which takes three seconds. They need only
 * TensorFlow's C interface. If they cannot be compiled, TensorFlow's own ops are used.
 * @module
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Environment, runCommand } from './command.ts';
import type { Host } from './host.ts';
import { findCompiler, isMissing } from './tools.ts';

const SOURCES = join(import.meta.dirname, '../kernels');

/** For this CPU. No -ffast-math: with GCC it turns denormals off in the whole process. */
const FLAGS = [
  ...['-O3', '-march=native', '-mprefer-vector-width=512', '-fno-math-errno', '-fno-trapping-math'],
  ...['-std=c++20', '-shared', '-fPIC', '-fvisibility=hidden', '-pthread', '-w'],
];

/** CPU features that gpu-tier/tensorflow/kernels/vectors.h needs (flags of /proc/cpuinfo). */
const NEEDED = ['avx2', 'fma'];

export type Kernels =
  | { readonly kind: 'ready'; readonly file: string }
  | { readonly kind: 'none'; readonly reason: string };

export interface KernelOptions {
  /** Folder of the installation, with the libraries in `tensorflow`. */
  readonly folder: string;
  readonly host: Host;
  readonly env: Environment;
  /** Called before the compiler runs. */
  readonly onCompile?: () => void;
}

/** The kernels of an installation, compiled if necessary. */
export async function provideKernels(options: KernelOptions): Promise<Kernels> {
  const { folder, host, env } = options;
  const wanted = await kernelsFile(folder, host);
  if (wanted.kind === 'none' || existsSync(wanted.file)) return wanted;
  const compiler = await findCompiler(env, host);
  if (isMissing(compiler)) return { kind: 'none', reason: compiler.message };
  options.onCompile?.();
  // Under a unique name until it is complete, since several processes may compile at once.
  const partial = `${wanted.file}.${process.pid}`;
  const args = [
    ...FLAGS,
    join(SOURCES, 'ops.cc'),
    join(folder, 'tensorflow', 'libtensorflow_framework.so.2'),
    '-Wl,-rpath,$ORIGIN',
    ...['-o', partial],
  ];
  const { code, stderr } = await runCommand(compiler.command, args, { env });
  if (code === 0) {
    await rename(partial, wanted.file);
    return wanted;
  }
  await rm(partial, { force: true });
  const error = stderr.split('\n').find((line) => line.includes('error')) ?? stderr.trim();
  return { kind: 'none', reason: `${compiler.command} cannot compile them: ${error}` };
}

/** The kernels of an installation, if they are compiled for this machine. */
export async function findKernels(folder: string, host: Host): Promise<string | undefined> {
  const wanted = await kernelsFile(folder, host);
  return wanted.kind === 'ready' && existsSync(wanted.file) ? wanted.file : undefined;
}

/** Loads the kernels into this process. Throws the error of the dynamic loader. */
export function loadKernels(file: string): void {
  createRequire(import.meta.url)(file);
}

/** Path of the kernels. The name is a digest of CPU features, flags and sources, since machines may share a cache. */
async function kernelsFile(folder: string, { platform, arch }: Host): Promise<Kernels> {
  if (platform !== 'linux' || arch !== 'x64') {
    return { kind: 'none', reason: 'They need Linux on x64.' };
  }
  const cpuinfo = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  const features = /^flags\s*:\s*(.*)$/m.exec(cpuinfo)?.[1] ?? '';
  const missing = NEEDED.filter((feature) => !features.split(' ').includes(feature));
  if (missing.length > 0) return { kind: 'none', reason: `The CPU has no ${missing.join(', ')}.` };
  const hash = createHash('sha256').update(features).update(FLAGS.join(' '));
  for (const file of (await readdir(SOURCES)).sort())
    hash.update(await readFile(join(SOURCES, file)));
  const name = `hebb_kernels-${hash.digest('hex').slice(0, 16)}.node`;
  return { kind: 'ready', file: join(folder, 'tensorflow', name) };
}
