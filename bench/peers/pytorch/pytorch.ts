/**
 * PyTorch's eager mode in a separate process (train.py).
 * @module
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Precision } from '@hebb/tensorflow/graph/inference';
import { virtualEnvironment } from '../virtual-environment.ts';

/** Memory layout of activations: PyTorch's default, and TensorFlow's, which is faster here. */
export const LAYOUTS = ['contiguous', 'channels_last'] as const;
export type Layout = (typeof LAYOUTS)[number];

export interface PytorchCase {
  readonly size: number;
  readonly precision: Precision;
  readonly layout: Layout;
  readonly batch: number;
}

export interface Pytorch {
  readonly version: string;
  /** Trains one step; resolves to its milliseconds. The first step of a case is preceded by a warm-up. */
  step(of: PytorchCase): Promise<number>;
  close(): void;
}

/** Installs PyTorch under `cache` if it is missing (6 GB), and starts it. */
export async function startPytorch(cache: string): Promise<Pytorch> {
  const here = import.meta.dirname;
  const requirements = join(here, 'requirements.txt');
  const python = await virtualEnvironment(join(cache, 'pytorch'), requirements);
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
  const child = spawn(python, [join(here, 'train.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env,
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { done, value } = await lines.next();
    if (done) throw new Error('PyTorch has ended (see its messages above).');
    return JSON.parse(value) as { version: string; ms: number };
  };
  const { version } = await answer();
  return {
    version,
    async step(of) {
      child.stdin.write(`${JSON.stringify(of)}\n`);
      return (await answer()).ms;
    },
    close: () => child.kill(),
  };
}
