import type { Spread } from '../measure/statistics.ts';
import type { BatchResult } from '../results.ts';
import { machineReport } from './machine.ts';
import { table } from './table.ts';

/** Throughput through the edge as a share of the GPU tier's own. */
const SHARE = 0.8;
/** The first result, in times of one chunk. */
const FIRST = 2;

/** The results as Markdown. */
export function batchReport(result: BatchResult): string {
  const { machine, weights, images, rounds, direct, edge, share, firstMs, chunkMs } = result;
  const { firstInChunks, tiers } = result;
  const counts = Object.entries(tiers).map(([tier, count]) => `${count} from ${tier}`);
  const figures = [
    ['GPU tier, asked directly', 'images/s', range(direct, 1)],
    ['through the edge', 'images/s', range(edge, 1)],
    ['first result of the batch', 'ms', range(firstMs, 0)],
    ['one chunk of 32, directly and alone', 'ms', range(chunkMs, 0)],
  ];
  const percent = (value: number) => `${(100 * value).toFixed(0)} %`;
  const outcomes = [
    [
      'throughput of the GPU tier’s own',
      `at least ${percent(SHARE)}`,
      `${percent(share.median)} (${percent(share.p10)}–${percent(share.p90)})`,
      share.median >= SHARE ? 'met' : 'missed',
    ],
    [
      'first result, in times of one chunk',
      `at most ${FIRST}`,
      range(firstInChunks, 2),
      firstInChunks.median <= FIRST ? 'met' : 'missed',
    ],
  ];
  return [
    machineReport(machine),
    ...(result.note === undefined ? [] : [result.note]),
    `${images}, as a tar archive to \`POST /v1/batch\`, nothing from the cache; beside it the same images to
the GPU tier, in signed requests of 32, four at a time. Client, edge (workerd) and GPU tier share the
machine’s ${machine.cores} cores. Weights: ${weights}. ${rounds} rounds, in turns; results: ${counts.join(', ')}.`,
    table(['what', 'unit', 'median (10th–90th percentile)'], figures, 2),
    `### Targets of batches\n\n${table(['what', 'target', 'measured', ''], outcomes)}`,
  ].join('\n\n');
}

const range = ({ median, p10, p90 }: Spread, digits: number): string =>
  `${median.toFixed(digits)} (${p10.toFixed(digits)}–${p90.toFixed(digits)})`;
