import { spread } from '../measure/statistics.ts';
import type { SustainedResult } from '../results.ts';
import type { BatchInput, BenchBackend } from './backends.ts';
import type { Client } from './client.ts';
import { runLoad } from './load.ts';

export interface SustainedOptions {
  readonly client: Client;
  readonly clients: number;
  readonly pixels: readonly Uint8Array[];
  /** The same backend in this process, and the batch that it is given over and over. */
  readonly loop: { readonly backend: BenchBackend; readonly batch: BatchInput };
  readonly rounds: number;
  readonly log: (line: string) => void;
}

/** Milliseconds per round, of each of the two. */
const TURN_MS = 8_000;

/** The tier under load and its backend in a bare loop, in turns, so that a drift hits both alike. */
export async function sustained(options: SustainedOptions): Promise<SustainedResult> {
  const { client, clients, pixels, loop, rounds, log } = options;
  const [served, bare]: [number[], number[]] = [[], []];
  for (let round = 1; round <= rounds; round++) {
    bare.push(await loopThroughput(loop.backend, loop.batch));
    const { imagesPerSecond } = await runLoad(client, { clients, ms: TURN_MS, pixels });
    served.push(imagesPerSecond);
    const [a, b] = [imagesPerSecond.toFixed(1), bare.at(-1)!.toFixed(1)];
    log(`${loop.backend.precision}, round ${round}: served ${a}, loop ${b} images/s`);
  }
  return {
    precision: loop.backend.precision,
    clients,
    served: spread(served),
    loop: spread(bare),
    share: spread(served.map((value, i) => value / bare[i]!)),
  };
}

/** Images per second of one batch after the other. */
async function loopThroughput(backend: BenchBackend, batch: BatchInput): Promise<number> {
  await backend.run(batch);
  const began = performance.now();
  let images = 0;
  while (performance.now() - began < TURN_MS) {
    await backend.run(batch);
    images += batch.n;
  }
  return (1000 * images) / (performance.now() - began);
}
