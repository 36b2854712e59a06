import type { Spread } from '../measure/statistics.ts';
import type { TrainResult } from '../results.ts';
import { machineReport } from './machine.ts';
import { table } from './table.ts';

/** What a machine must train at 224 px where PyTorch 2.13 eager trains 26 (48 in bf16). */
const TARGETS = { f32: 33, bf16: 60 } as const;

/** The results as Markdown. */
export function trainReport(result: TrainResult): string {
  const { machine, batch, rounds } = result;
  return [
    machineReport(machine),
    ...(result.note === undefined ? [] : [result.note]),
    `GoogLeNet with batch norm, ${batch} images a step, SGD with momentum, mixup, averaged weights; all on ` +
      `the ${machine.cores} cores of the CPU. Images per second: the median of ${rounds} runs, with the ` +
      '10th and 90th percentile.',
    `### Steps\n\n${steps(result)}`,
    `### The input pipeline alone\n\n${pipeline(result)}`,
    `### Targets\n\n${targets(result)}`,
  ].join('\n\n');
}

function steps({ steps }: TrainResult): string {
  const rows = steps.map(({ size, precision, auxiliary, forward, step }) => [
    String(size),
    precision,
    auxiliary ? 'both' : 'none',
    range(forward),
    range(step),
  ]);
  return table(['size, px', 'precision', 'auxiliary heads', 'forward', 'whole step'], rows, 3);
}

function pipeline({ pipeline }: TrainResult): string {
  const rows = pipeline.map(({ size, threads, decoding, cached }) => [
    String(size),
    String(threads),
    decoding.toFixed(0),
    cached.toFixed(0),
  ]);
  const head = ['size, px', 'threads', 'decoding, images/s', 'cached, images/s'];
  return `JPEG files to augmented batches, while nobody trains. Images are decoded in the first epoch and
kept; later epochs run at the cached rate.

${table(head, rows, 0)}`;
}

function targets({ steps, pipeline }: TrainResult): string {
  const rows = (['f32', 'bf16'] as const).map((precision) => {
    const found = steps.find((s) => s.size === 224 && s.precision === precision && !s.auxiliary);
    const rate = found?.step.median ?? 0;
    const what = `images/s trained at 224 px in ${precision}, without auxiliary heads`;
    return row(what, TARGETS[precision], rate);
  });
  const trained = steps.find((s) => s.size === 128 && s.precision === 'bf16' && !s.auxiliary);
  const made = pipeline.find((p) => p.size === 128 && p.threads === 1);
  if (trained && made) {
    rows.push(row('images/s of one pipeline thread at 128 px', trained.step.median, made.cached));
  }
  const note =
    'The first two targets are for a machine on which PyTorch 2.13 trains 26 images/s (48 in bf16).';
  return `${table(['what', 'target', 'measured', ''], rows, 4)}\n\n${note}`;
}

const row = (what: string, target: number, measured: number): string[] => [
  what,
  target.toFixed(0),
  measured.toFixed(0),
  measured >= target ? 'met' : 'missed',
];

const range = ({ median, p10, p90 }: Spread): string =>
  `${median.toFixed(1)} (${p10.toFixed(1)}–${p90.toFixed(1)})`;
