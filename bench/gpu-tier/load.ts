/**
 * Closed-loop load: so many clients, each of which sends its next image when it has its answer.
 * @module
 */
import { percentile } from '../measure/statistics.ts';
import type { Client } from './client.ts';

export interface LoadPoint {
  readonly clients: number;
  readonly imagesPerSecond: number;
  /** Milliseconds from sending to the whole answer. */
  readonly p50: number;
  readonly p99: number;
  readonly requests: number;
}

export interface LoadOptions {
  readonly clients: number;
  /** Milliseconds that count; a part of it goes before, uncounted. */
  readonly ms: number;
  readonly pixels: readonly Uint8Array[];
}

/** Share of the time that passes before anything counts: batches have to form first. */
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
