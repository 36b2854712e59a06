/**
 * Our own kernels (gpu-tier/kernels), compiled for the CPU of this machine: TensorFlow's C interface is
 * all that they need, and three seconds of a compiler's time. Where they cannot be had, TensorFlow's
 * own are used.
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

const SOURCES = join(import.meta.dirname, '..', 'kernels');

/** For this very CPU. No -ffast-math: GCC would have it turn denormals off in the whole process. */
const FLAGS = [
  ...['-O3', '-march=native', '-mprefer-vector-width=512', '-fno-math-errno', '-fno-trapping-math'],
  ...['-std=c++20', '-shared', '-fPIC', '-fvisibility=hidden', '-pthread', '-w'],
];

/** What the vectors of gpu-tier/kernels/vectors.h need at least (/proc/cpuinfo). */
const NEEDED = ['avx2', 'fma'];

export type Kernels =
  | { readonly kind: 'ready'; readonly file: string }
  | { readonly kind: 'none'; readonly reason: string };

export interface KernelOptions {
  /** Of the installation: `tensorflow` in it holds the libraries. */
  readonly folder: string;
  readonly host: Host;
  readonly env: Environment;
  /** Called before the compiler is. */
  readonly onCompile?: () => void;
}

/** The kernels of an installation; compiles them first where they are not there yet. Never throws. */
export async function provideKernels(options: KernelOptions): Promise<Kernels> {
  const { folder, host, env } = options;
  const wanted = await kernelsFile(folder, host);
  if (wanted.kind === 'none' || existsSync(wanted.file)) return wanted;
  const compiler = await findCompiler(env, host);
  if (isMissing(compiler)) return { kind: 'none', reason: compiler.message };
  options.onCompile?.();
  // Under another name until it is whole: several processes may be at it.
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
  return { kind: 'none', reason: `${compiler.command} does not compile them: ${error}` };
}

/** The kernels of an installation, if they were compiled for this machine. */
export async function findKernels(folder: string, host: Host): Promise<string | undefined> {
  const wanted = await kernelsFile(folder, host);
  return wanted.kind === 'ready' && existsSync(wanted.file) ? wanted.file : undefined;
}

/** Loads them into this process. Throws what the loader says. */
export function loadKernels(file: string): void {
  createRequire(import.meta.url)(file);
}

/** Where they lie: a name for all that they are made of, since machines may share a cache. */
async function kernelsFile(folder: string, { platform, arch }: Host): Promise<Kernels> {
  if (platform !== 'linux' || arch !== 'x64') {
    return { kind: 'none', reason: 'They were written for Linux on x64.' };
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
