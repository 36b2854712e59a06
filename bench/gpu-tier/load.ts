/**
 * Closed-loop load: each client sends its next image when it has received its answer.
 * @module
 */
import { percentile, spread } from '../measure/statistics.ts';
import type { LoadPoint, SustainedResult } from '../results.ts';
import type { BatchInput, BenchBackend } from './backends.ts';
import type { Client } from './client.ts';

export interface LoadOptions {
  readonly clients: number;
  /** Measured time, milliseconds; the warm-up comes before it. */
  readonly ms: number;
  readonly pixels: readonly Uint8Array[];
}

/** Warm-up as a share of the measured time, until batches have formed. */
const WARM_UP = 0.25;

export async function runLoad(client: Client, options: LoadOptions): Promise<LoadPoint> {
  const { clients, ms, pixels } = options;
  const from = performance.now() + ms * WARM_UP;
  const until = from + ms;
  const latencies: number[] = [];
  let answered = 0;
  const loop = async (first: number) => {
    for (let i = first; performance.now() < until; i++) {
      const sent = performance.now();
      const { status, code } = await client.infer(pixels[i % pixels.length]!);
      if (status !== 200) throw new Error(`The tier answered ${status} ${code}`);
      const now = performance.now();
      if (now >= from && now < until) answered++;
      if (sent >= from) latencies.push(now - sent);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, i) => loop(i)));
  return {
    clients,
    imagesPerSecond: (1000 * answered) / ms,
    p50: percentile(latencies, 50),
    p99: percentile(latencies, 99),
    requests: latencies.length,
  };
}

export interface SustainedOptions {
  readonly client: Client;
  readonly clients: number;
  readonly pixels: readonly Uint8Array[];
  /** The same backend in this process, which runs this batch in a loop. */
  readonly loop: { readonly backend: BenchBackend; readonly batch: BatchInput };
  readonly rounds: number;
  readonly log: (line: string) => void;
}

/** Milliseconds of each of the two per round. */
const TURN_MS = 8_000;

/** Measures the tier under load and its backend in a loop, in turn, so that drift affects both equally. */
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

/** Images per second of the backend alone. */
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
