import type { BatchResult } from '../results.ts';
import { machineReport } from './machine.ts';
import { range, table } from './table.ts';

/** Target for the throughput through the edge, as a share of the GPU tier's. */
const SHARE = 0.8;
/** Target for the time to the first result, as a multiple of the time of one chunk. */
const FIRST = 2;

/** The results as Markdown. */
export function batchReport(result: BatchResult): string {
  const { machine, weights, images, rounds, direct, edge, share, firstMs, chunkMs } = result;
  const { firstInChunks, tiers } = result;
  const counts = Object.entries(tiers).map(([tier, count]) => `${count} from ${tier}`);
  const figures = [
    ['directly to the GPU tier', 'images/s', range(direct, 1)],
    ['through the edge', 'images/s', range(edge, 1)],
    ['time to the first result', 'ms', range(firstMs, 0)],
    ['time of one chunk of 32, directly', 'ms', range(chunkMs, 0)],
  ];
  const percent = (value: number) => `${(100 * value).toFixed(0)} %`;
  const outcomes = [
    [
      'throughput as a share of the GPU tier’s',
      `at least ${percent(SHARE)}`,
      `${percent(share.median)} (${percent(share.p10)}–${percent(share.p90)})`,
      share.median >= SHARE ? 'met' : 'missed',
    ],
    [
      'time to the first result, as a multiple of one chunk’s',
      `at most ${FIRST}`,
      range(firstInChunks, 2),
      firstInChunks.median <= FIRST ? 'met' : 'missed',
    ],
  ];
  return [
    machineReport(machine),
    ...(result.note === undefined ? [] : [result.note]),
    `${images}, are sent to \`POST /v1/batch\` as a tar archive, and to the GPU tier directly in signed requests
of 32 images, four at a time. The two take turns, and the cache is off. Client, edge (workerd) and GPU tier share the
machine’s ${machine.cores} cores. Weights: ${weights}. ${rounds} rounds. Results: ${counts.join(', ')}.`,
    table(['what', 'unit', 'median (10th–90th percentile)'], figures, 2),
    `### Targets of batches\n\n${table(['what', 'target', 'measured', ''], outcomes)}`,
  ].join('\n\n');
}
