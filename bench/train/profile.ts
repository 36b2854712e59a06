/**
 * The CPU time of a training step by kernel, sampled with Linux's perf. Shares of CPU time hardly depend on what else
 * the machine does, unlike times.
 * @module
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { HebbError } from '@hebb/model/errors';

export interface ProfileRow {
  readonly what: string;
  /** Percent of the samples. */
  readonly percent: number;
}

/** oneDNN then writes the names of its generated kernels to /tmp/perf-<pid>.map. Call this before it is loaded. */
export function nameGeneratedKernels(): void {
  process.env.ONEDNN_JIT_PROFILE = '2';
}

/** Samples per second. */
const FREQUENCY = 997;
/** perf needs this long to attach to all threads, ms. */
const ATTACH_MS = 3000;

/** Samples this process while `run` runs. Throws `invalid_argument` without perf. */
export async function profile(run: () => void): Promise<ProfileRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'hebb-profile-'));
  const file = join(folder, 'perf.data');
  try {
    const perf = spawn(
      'perf',
      ['record', '-F', String(FREQUENCY), '-p', String(process.pid), '-o', file],
      { stdio: 'ignore' },
    );
    await started(perf);
    run();
    perf.kill('SIGINT');
    await once(perf, 'exit');
    const fields = ['--no-children', '-F', 'sample,dso,symbol', '-g', 'none', '-t', ';'];
    const { stdout } = await promisify(execFile)(
      'perf',
      ['report', '--stdio', '-i', file, ...fields],
      { maxBuffer: 2 ** 28 },
    );
    return rowsOf(stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(`/tmp/perf-${process.pid}.map`, { force: true });
  }
}

async function started(perf: ChildProcess): Promise<void> {
  const ended = once(perf, 'exit').then(() => 'ended' as const);
  const outcome = await Promise.race([ended, sleep(ATTACH_MS)]).catch((cause: unknown) => {
    throw noPerf(cause);
  });
  if (outcome === 'ended') throw noPerf();
}

const noPerf = (cause?: unknown) =>
  new HebbError('invalid_argument', '--profile needs perf, which cannot sample here.', {
    hint: 'Install perf (linux-tools), and allow it: sysctl kernel.perf_event_paranoid=1',
    cause,
  });

/** Library, symbol, and what they are; the first that matches counts. */
const KINDS: readonly (readonly [RegExp, RegExp, string])[] = [
  [/JIT/, /bwd_weights|trans_iw_ic|trans_ow_oc|reorder_s16c/, 'oneDNN: gradients of kernels'],
  [/JIT/, /pool/, 'pooling and its gradients'],
  [/JIT/, /brgemm|conv/, 'oneDNN: convolutions and gradients of their inputs'],
  [/JIT/, /./, 'oneDNN: other kernels'],
  [
    /hebb_kernels/,
    /multiplyBlock|addProduct|read|writeTile|transform|filterGradient|convolve/,
    'our Winograd: 3×3 convolutions and their gradients',
  ],
  [/hebb_kernels/, /./, 'our batch norm with ReLU, and its gradients'],
  [/libtensorflow_cc/, /brgemm|convolution/, 'oneDNN: convolutions and gradients of their inputs'],
  [/libtensorflow_cc/, /./, 'TensorFlow’s other ops: casts, sums, concatenation, updates'],
  [/kernel/, /./, 'the kernel of the system: pages of memory, switches of threads'],
  [/libc\.|libc$/, /./, 'libc: copies of memory, allocation'],
  [/./, /./, 'TensorFlow’s scheduler, Node, other libraries'],
];

/** Whether a row is part of convolutions, forward or backward. */
export const isConvolution = ({ what }: ProfileRow): boolean =>
  /convolutions|gradients of kernels/.test(what);

/** The samples by kind, the largest first. */
export function rowsOf(report: string): ProfileRow[] {
  const counts = new Map<string, number>();
  let total = 0;
  for (const line of report.split('\n')) {
    const [samples, library, ...symbol] = line.split(';');
    const count = Number(samples);
    if (line.startsWith('#') || library === undefined || !(count > 0)) continue;
    const [, , what] = KINDS.find(
      ([inLibrary, named]) => inLibrary.test(library) && named.test(symbol.join(';')),
    )!;
    counts.set(what, (counts.get(what) ?? 0) + count);
    total += count;
  }
  return [...counts]
    .map(([what, count]) => ({ what, percent: (100 * count) / total }))
    .sort((a, b) => b.percent - a.percent);
}
