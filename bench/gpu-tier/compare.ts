import { timeEach } from '../measure/clock.ts';
import { interleave, ratios } from '../measure/interleave.ts';
import { spread } from '../measure/statistics.ts';
import type { BackendResult } from '../results.ts';
import type { BatchInput, BenchBackend } from './backends.ts';

export const BATCHES = [1, 8, 32] as const;

export const RUNS_PER_ROUND = 3;
const WARM_UP_RUNS = 3;

/** Measures backends in turn at every batch size, and compares their answers with the peer's. */
export async function compareBackends(
  backends: readonly BenchBackend[],
  batchOf: (n: number) => BatchInput,
  rounds: number,
  log: (line: string) => void,
): Promise<BackendResult[]> {
  const peer = backends.find(({ ours }) => !ours)!;
  const results: BackendResult[] = [];
  for (const n of BATCHES) {
    const batch = batchOf(n);
    const expected = Float32Array.from(await peer.run(batch));
    const subjects = backends.map((backend) => ({
      time: (runs: number) => timeEach(runs, () => backend.run(batch)),
    }));
    const schedule = { rounds, runs: RUNS_PER_ROUND, warmUpRuns: WARM_UP_RUNS };
    const medians = await interleave(subjects, schedule, (done) =>
      log(`batch ${n}, round ${done} of ${rounds}`),
    );
    const peerMedians = medians[backends.indexOf(peer)]!;
    for (const [i, backend] of backends.entries()) {
      const { id, name, precision, ours } = backend;
      const own = medians[i]!;
      const ms = spread(own.map((whole) => whole / n));
      const base = { id, name, precision, ours, batch: n, ms };
      if (!ours) {
        results.push(base);
        continue;
      }
      const maxDifference = largestDifference(await backend.run(batch), expected);
      results.push({ ...base, share: spread(ratios(own, peerMedians)), maxDifference });
    }
  }
  return results;
}

const largestDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);
