import type { Spread } from '../measure/statistics.ts';
import type { GpuTierResult } from '../results.ts';
import type { Outcome } from '../targets.ts';
import { machineReport } from './machine.ts';
import { table } from './table.ts';

/** The results as Markdown. */
export function gpuTierReport(result: GpuTierResult): string {
  const { machine, weights, rounds, runsPerRound } = result;
  return [
    machineReport(machine),
    ...(result.note === undefined ? [] : [result.note]),
    `No GPU: all of it ran on the ${machine.cores} cores of the CPU. Weights: ${weights}, LRN ` +
      `included. ${rounds} rounds, in each of which every backend in turn runs ${runsPerRound} ` +
      "times; a figure is the median of the rounds' medians, with the 10th and 90th percentile.",
    `### The backend alone\n\n${backends(result)}`,
    `### The tier under load\n\n${sustained(result)}`,
    load(result),
    `### The model's process killed\n\n${crash(result)}`,
    `### Targets\n\n${targets(result)}`,
  ].join('\n\n');
}

function backends(result: GpuTierResult): string {
  const rows = result.backends.map(({ ours, name, precision, batch, ms, share, maxDifference }) => [
    ours ? `**${name}**` : name,
    precision,
    String(batch),
    range(ms, 1),
    share ? range(share, 2) : '',
    maxDifference === undefined ? '' : maxDifference.toExponential(0),
  ]);
  const head = ['backend', 'precision', 'batch', 'ms per image', 'of onnxruntime', 'off by'];
  return `Both have the same cores, weights and network. Ours starts from 8-bit pixels, onnxruntime from
normalised float32. The last column is the largest difference of a probability.

${table(head, rows, 2)}`;
}

function sustained(result: GpuTierResult): string {
  const rows = result.sustained.map(({ precision, clients, served, loop, share }) => [
    precision,
    String(clients),
    range(served, 1),
    range(loop, 1),
    range(percent(share), 0),
  ]);
  const head = ['precision', 'clients', 'served, images/s', 'bare loop, images/s', '%'];
  return `Every client sends one image (8-bit pixels, as a binary tensor) and waits for its answer; options
are the defaults. The bare loop is the same backend on batches of 32, in turns with the tier. Clients,
server and model share the cores.

${table(head, rows, 1)}`;
}

function load({ load }: GpuTierResult): string {
  const rows = load.map(({ clients, imagesPerSecond, p50, p99, requests }) => [
    String(clients),
    imagesPerSecond.toFixed(1),
    p50.toFixed(0),
    p99.toFixed(0),
    String(requests),
  ]);
  const head = ['clients', 'images/s', 'p50, ms', 'p99, ms', 'requests'];
  return `Latency over load, float32:\n\n${table(head, rows, 0)}`;
}

function crash({ crash }: GpuTierResult): string {
  const refused = Object.entries(crash.refused).map(([kind, count]) => `${count} got ${kind}`);
  return (
    `Of ${crash.requests} requests from ${crash.clients} clients, in whose midst the model's process got ` +
    `SIGKILL, ${crash.right} were answered as before${refused.map((text) => `, ${text}`).join('')}; ` +
    `${crash.wrong} answers were wrong, ${crash.lost} were lost.`
  );
}

function targets(result: GpuTierResult): string {
  const rows = gpuTierOutcomes(result).map(({ what, target, measured, met }) => [
    what,
    target,
    measured ?? 'not measured',
    met === undefined ? '' : met ? 'met' : 'missed',
  ]);
  return table(['what', 'target', 'measured', ''], rows);
}

const range = ({ median, p10, p90 }: Spread, digits: number): string =>
  `${median.toFixed(digits)} (${p10.toFixed(digits)}–${p90.toFixed(digits)})`;

const percent = ({ median, p10, p90 }: Spread): Spread => ({
  median: 100 * median,
  p10: 100 * p10,
  p90: 100 * p90,
});

/** Our time per image as a share of onnxruntime's in float32. */
const SHARES = [
  { precision: 'f32', most: 0.6 },
  { precision: 'bf16', most: 0.35 },
] as const;
const BATCHES = [8, 32];

/** Throughput under 64 clients as a share of the backend's in a loop. */
const SUSTAINED = 0.85;

function gpuTierOutcomes(result: GpuTierResult): readonly Outcome[] {
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
