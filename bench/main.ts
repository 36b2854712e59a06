/**
 * `npm run bench`: measures Hebb and its peers in the same run and prints ratios.
 * @module
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HebbError } from '@hebb/model/errors';
import { benchBatch } from './commands/batch.ts';
import { benchDecode } from './commands/decode.ts';
import { benchEngines } from './commands/engines.ts';
import { benchGpuTier } from './commands/gpu-tier.ts';
import { benchKernels } from './commands/kernels.ts';
import { benchTrain } from './commands/train.ts';
import { benchTransfer } from './commands/transfer.ts';
import type { BenchContext } from './context.ts';
import { type BenchOptions, HELP, parseOptions } from './options.ts';
import { benchmarksPage, DOCS, RESULTS, report } from './report/docs.ts';
import type { BenchResult } from './results.ts';

const BENCHES = {
  engines: benchEngines,
  kernels: benchKernels,
  decode: benchDecode,
  'gpu-tier': benchGpuTier,
  batch: benchBatch,
  train: benchTrain,
  transfer: benchTransfer,
} satisfies Record<string, (options: BenchOptions, context: BenchContext) => Promise<BenchResult>>;

async function main(args: readonly string[], context: BenchContext): Promise<void> {
  const options = parseOptions(args);
  if (!options) return void process.stdout.write(HELP);
  if (options.command === 'report') return write(DOCS, await benchmarksPage(RESULTS));
  const result = await BENCHES[options.command](options, context);
  process.stdout.write(`${report(result)}\n`);
  if (options.json) await write(options.json, `${JSON.stringify(result, short, 2)}\n`);
}

/** Five significant digits, which is more than any measurement here has. */
const short = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  console.error(`Wrote ${path}`);
}

try {
  const log = (line: string) => console.error(line);
  await main(process.argv.slice(2), { cwd: process.cwd(), env: process.env, log });
} catch (error) {
  if (!(error instanceof HebbError)) throw error;
  console.error(`error ${error.code}: ${error.message}\n  → ${error.hint}`);
  process.exitCode = error.code === 'invalid_argument' ? 2 : 1;
}
