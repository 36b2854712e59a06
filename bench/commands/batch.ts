import { randomBytes } from 'node:crypto';
import { BUILT_IN_MODEL, findPackage } from '@hebb/packages/find';
import { readPackage } from '@hebb/packages/folder';
import { startWorker } from '@hebb/test/support/worker';
import { directClient } from '../batch/direct.ts';
import { batchImages } from '../batch/images.ts';
import { bodyOf, type EdgeRun, throughEdge } from '../batch/through-edge.ts';
import type { BenchContext } from '../context.ts';
import { startTier } from '../gpu-tier/service.ts';
import { describeMachine } from '../machine.ts';
import { spread } from '../measure/statistics.ts';
import type { BenchOptions } from '../options.ts';
import type { BatchResult } from '../results.ts';

const IMAGES = 256;
const CHUNK = 32;
/** As many requests at a time as keep the tier busy. */
const AT_ONCE = 4;

/** Measures a batch through the edge beside the same images sent to the GPU tier directly. */
export async function benchBatch(
  options: BenchOptions,
  { cwd, env, log }: BenchContext,
): Promise<BatchResult> {
  const dir = options.package === undefined ? BUILT_IN_MODEL : findPackage(options.package, cwd);
  const { manifest } = await readPackage(dir);
  const { images, what } = await batchImages(options.calibrate, IMAGES);
  const secret = randomBytes(32).toString('hex');
  const tier = await startTier(dir, [], { ...env, HEBB_HOP_SECRET: secret });
  // The limits of a deployment, not those of tests.
  const vars = { HEBB_GPU_URL: tier.url.origin, HEBB_HOP_SECRET: secret, HEBB_LIMITS: '' };
  const worker = await startWorker({ model: dir, vars });
  try {
    const hop = { url: tier.url.origin, secret, manifest };
    const direct = directClient(hop, { chunk: CHUNK, atOnce: AT_ONCE });
    const body = bodyOf(images);
    await direct.all(images); // warm
    await throughEdge(worker.url, body);
    const rounds: (EdgeRun & { directMs: number; chunkMs: number })[] = [];
    for (let round = 0; round < options.rounds; round++) {
      const directMs = await direct.all(images);
      const edge = await throughEdge(worker.url, body);
      const chunkMs = await direct.all(images.slice(0, CHUNK));
      rounds.push({ ...edge, directMs, chunkMs });
      log(`round ${round + 1}: ${JSON.stringify(rounds.at(-1))}`);
    }
    const rate = (ms: number) => (1000 * IMAGES) / ms;
    return {
      bench: 'batch',
      machine: describeMachine(new Date()),
      ...(options.note !== undefined && { note: options.note }),
      weights: `package ${manifest.name}, version ${manifest.version.slice(0, 12)}`,
      images: what,
      rounds: options.rounds,
      direct: spread(rounds.map(({ directMs }) => rate(directMs))),
      edge: spread(rounds.map(({ allMs }) => rate(allMs))),
      share: spread(rounds.map(({ allMs, directMs }) => directMs / allMs)),
      firstMs: spread(rounds.map(({ firstMs }) => firstMs)),
      chunkMs: spread(rounds.map(({ chunkMs }) => chunkMs)),
      firstInChunks: spread(rounds.map(({ firstMs, chunkMs }) => firstMs / chunkMs)),
      tiers: rounds.at(-1)!.tiers,
    };
  } finally {
    await worker.close();
    await tier.stop();
  }
}
