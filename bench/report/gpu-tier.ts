import type { Spread } from '../measure/statistics.ts';
import type { GpuTierResult } from '../results.ts';
import type { Outcome } from '../targets.ts';
import { machineReport } from './machine.ts';
import { range, table, targetTable } from './table.ts';

/** The results as Markdown. */
export function gpuTierReport(result: GpuTierResult): string {
  const { machine, weights, rounds, runsPerRound } = result;
  return [
    machineReport(machine),
    ...(result.note === undefined ? [] : [result.note]),
    `Without a GPU, on the ${machine.cores} cores of the CPU. Weights: ${weights}, with LRN. ` +
      `${rounds} rounds; in each round every backend runs ${runsPerRound} times. The figures are the ` +
      "median of the rounds' medians, with the 10th and 90th percentile.",
    `### The backend alone\n\n${backends(result)}`,
    `### The tier under load\n\n${sustained(result)}`,
    load(result),
    `### A crash of the model process\n\n${crash(result)}`,
    `### Targets\n\n${targetTable(gpuTierOutcomes(result))}`,
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
  const head = [
    'backend',
    'precision',
    'batch',
    'ms per image',
    'of onnxruntime’s time',
    'difference',
  ];
  return `Both use the same cores, weights and network. The input is 8-bit pixels for our backend and normalised
float32 for onnxruntime. The last column is the largest difference of a probability.

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
  const head = ['precision', 'clients', 'served, images/s', 'loop, images/s', '%'];
  return `Each client sends one image (8-bit pixels, as a binary tensor) and waits for the answer before it sends the
next. The tier has its default options. The loop is the same backend without the tier, on batches of 32; the two take
turns. Clients, server and model share the cores.

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
  return `Latency by load, float32:\n\n${table(head, rows, 0)}`;
}

function crash({ crash }: GpuTierResult): string {
  const refused = Object.entries(crash.refused).map(([kind, count]) => `${count} got ${kind}`);
  return (
    `The model process is killed with SIGKILL in the middle of ${crash.requests} requests from ` +
    `${crash.clients} clients. ${crash.right} were answered correctly` +
    `${refused.map((text) => `, ${text}`).join('')}; ` +
    `${crash.wrong} answers were wrong, and ${crash.lost} requests were lost.`
  );
}

const percent = ({ median, p10, p90 }: Spread): Spread => ({
  median: 100 * median,
  p10: 100 * p10,
  p90: 100 * p90,
});

/** Targets for our time per image, as a share of onnxruntime's in float32. */
const SHARES = [
  { precision: 'f32', most: 0.6 },
  { precision: 'bf16', most: 0.35 },
] as const;
const BATCHES = [8, 32];

/** Target for the throughput under 64 clients, as a share of the backend's in a loop. */
const SUSTAINED = 0.85;

function gpuTierOutcomes(result: GpuTierResult): readonly Outcome[] {
  const shares = SHARES.flatMap(({ precision, most }) =>
    BATCHES.map((batch) => {
      const found = result.backends.find(
        (backend) => backend.ours && backend.precision === precision && backend.batch === batch,
      );
      const share = found?.share?.median;
      return {
        what: `time as a share of onnxruntime’s in float32: ${precision}, batch ${batch}`,
        target: `at most ${most}`,
        measured: share?.toFixed(2),
        met: share === undefined ? undefined : share <= most,
      };
    }),
  );
  const sustained = result.sustained.map(({ precision, clients, share }) => ({
    what: `throughput as a share of the loop’s: ${precision}, ${clients} clients`,
    target: `at least ${100 * SUSTAINED} %`,
    measured: `${(100 * share.median).toFixed(0)} %`,
    met: share.median >= SUSTAINED,
  }));
  const { crash } = result;
  const crashed = {
    what: `${crash.requests} requests during a crash: correct, or a typed 503`,
    target: 'all',
    measured: `${crash.requests - crash.wrong - crash.lost}`,
    met: crash.wrong + crash.lost === 0 && only503(crash.refused),
  };
  return [...shares, ...sustained, crashed];
}

const only503 = (refused: Readonly<Record<string, number>>): boolean =>
  Object.keys(refused).every((kind) => kind.startsWith('503 '));
