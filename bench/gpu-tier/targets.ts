import type { GpuTierResult } from '../results.ts';
import type { Outcome } from '../targets.ts';

/** Our time per image as a share of onnxruntime's in float32. */
const SHARES = [
  { precision: 'f32', most: 0.6 },
  { precision: 'bf16', most: 0.35 },
] as const;
const BATCHES = [8, 32];

/** Throughput under 64 clients as a share of the backend's in a loop. */
const SUSTAINED = 0.85;

export function gpuTierOutcomes(result: GpuTierResult): readonly Outcome[] {
  const shares = SHARES.flatMap(({ precision, most }) =>
    BATCHES.map((batch) => {
      const found = result.backends.find(
        (backend) => backend.ours && backend.precision === precision && backend.batch === batch,
      );
      const share = found?.share?.median;
      return {
        what: `time of onnxruntime’s float32, ${precision} at batch ${batch}`,
        target: `at most ${most}`,
        measured: share?.toFixed(2),
        met: share === undefined ? undefined : share <= most,
      };
    }),
  );
  const sustained = result.sustained.map(({ precision, clients, share }) => ({
    what: `throughput of the bare loop, ${clients} clients, ${precision}`,
    target: `at least ${100 * SUSTAINED} %`,
    measured: `${(100 * share.median).toFixed(0)} %`,
    met: share.median >= SUSTAINED,
  }));
  const { crash } = result;
  const crashed = {
    what: `${crash.requests} requests, the host killed: right or a typed 503`,
    target: 'all',
    measured: `${crash.requests - crash.wrong - crash.lost}`,
    met: crash.wrong + crash.lost === 0 && only503(crash.refused),
  };
  return [...shares, ...sustained, crashed];
}

const only503 = (refused: Readonly<Record<string, number>>): boolean =>
  Object.keys(refused).every((kind) => kind.startsWith('503 '));
