import type { TrainProfileResult, TrainResult } from '../results.ts';
import { isConvolution, type ProfileRow } from '../train/profile.ts';
import { machineReport } from './machine.ts';
import { range, table } from './table.ts';

/**
 * Targets in images/s at 224 px, for a machine on which PyTorch 2.13 (eager) trains 26 (48 in bf16), and
 * the same as multiples of PyTorch's rate.
 */
const TARGETS = { f32: 33, bf16: 60 } as const;
const TIMES_PYTORCH = { f32: 33 / 26, bf16: 60 / 48 } as const;

const LAYOUT_NAMES = { contiguous: 'NCHW, its default', channels_last: 'channels last' } as const;

/** The results as Markdown. */
export function trainReport(result: TrainResult): string {
  const { machine, batch, rounds } = result;
  return [
    machineReport(machine),
    ...(result.note === undefined ? [] : [result.note]),
    `GoogLeNet with batch norm, ${batch} images per step, SGD with momentum, mixup and averaged weights, on ` +
      `the ${machine.cores} cores of the CPU. The figures are images per second: the median of ${rounds} ` +
      'runs, with the 10th and 90th percentile.',
    `### Steps\n\n${steps(result)}`,
    ...besidePytorch(result),
    `### The input pipeline alone\n\n${pipeline(result)}`,
    `### Targets\n\n${targets(result)}`,
  ].join('\n\n');
}

/** The profile as Markdown. */
export function trainProfileReport(result: TrainProfileResult): string {
  const { machine, batch, size, precision, steps, rows } = result;
  const cells = rows.map(({ what, percent }) => [what, `${percent.toFixed(1)} %`]);
  return [
    machineReport(machine),
    ...(result.note === undefined ? [] : [result.note]),
    `CPU time of ${steps} training steps in ${precision} at ${size} px with ${batch} images, sampled with perf. The network ` +
      'and the optimizer are those of the comparison with PyTorch.',
    table(['what', 'share of CPU time'], cells, 1),
    largestRest(rows),
  ].join('\n\n');
}

function largestRest(rows: readonly ProfileRow[]): string {
  const rest = rows.filter((row) => !isConvolution(row));
  const share = rest.reduce((sum, { percent }) => sum + percent, 0);
  const largest = Math.max(...rest.map(({ percent }) => percent));
  return `Convolutions and their gradients take ${(100 - share).toFixed(0)} %. All else takes ${share.toFixed(0)} %, and no part of
it more than ${largest.toFixed(1)} %: without it a step would be that much shorter.`;
}

function steps({ steps }: TrainResult): string {
  const rows = steps.map(({ size, precision, auxiliary, forward, step }) => [
    String(size),
    precision,
    auxiliary ? 'both' : 'none',
    range(forward, 1),
    range(step, 1),
  ]);
  return table(['size, px', 'precision', 'auxiliary heads', 'forward', 'whole step'], rows, 3);
}

function besidePytorch({ steps, pytorch }: TrainResult): string[] {
  if (pytorch === undefined) return [];
  const rows = steps.flatMap(({ size, precision, likePytorch, pytorch = [] }) =>
    pytorch.map((theirs) => [
      String(size),
      precision,
      LAYOUT_NAMES[theirs.layout],
      range(likePytorch!, 1),
      range(theirs.step, 1),
      range(theirs.timesPytorch, 2),
    ]),
  );
  const head = ['size, px', 'precision', 'PyTorch’s layout', 'ours', 'PyTorch', 'ours / PyTorch'];
  return [
    `### Compared with PyTorch

PyTorch ${pytorch} in eager mode on the CPU (autocast for bf16), with the same network, batch size and optimizer;
images per second. The two train one step each in turn, without auxiliary heads, mixup and weight averaging.

${table(head, rows, 3)}`,
  ];
}

function pipeline({ pipeline }: TrainResult): string {
  const rows = pipeline.map(({ size, threads, decoding, cached }) => [
    String(size),
    String(threads),
    decoding.toFixed(0),
    cached.toFixed(0),
  ]);
  const head = ['size, px', 'threads', 'decoding, images/s', 'cached, images/s'];
  return `From JPEG files to augmented batches, without training. The first epoch decodes the images and keeps
them in a cache; later epochs run at the cached rate.

${table(head, rows, 0)}`;
}

function targets(result: TrainResult): string {
  const { steps, pipeline, pytorch } = result;
  const rows = (['f32', 'bf16'] as const).flatMap((precision) => {
    const found = steps.find((s) => s.size === 224 && s.precision === precision && !s.auxiliary);
    const rate = found?.step.median ?? 0;
    const what = `images/s trained at 224 px in ${precision}, without auxiliary heads`;
    const times = (found?.pytorch ?? []).map(({ layout, timesPytorch }) =>
      row(
        `the same, as a multiple of PyTorch’s (${LAYOUT_NAMES[layout]})`,
        TIMES_PYTORCH[precision],
        timesPytorch.median,
        2,
      ),
    );
    return [row(what, TARGETS[precision], rate), ...times];
  });
  const trained = steps.find((s) => s.size === 128 && s.precision === 'bf16' && !s.auxiliary);
  const made = pipeline.find((p) => p.size === 128 && p.threads === 1);
  if (trained && made) {
    rows.push(row('images/s of one pipeline thread at 128 px', trained.step.median, made.cached));
  }
  const note = `The targets of 33 and 60 are for a machine on which PyTorch 2.13 trains 26 images/s (48 in bf16,
channels last)${pytorch === undefined ? '' : '; as multiples of PyTorch’s rate they apply to any machine'}.`;
  return `${table(['what', 'target', 'measured', ''], rows, 4)}\n\n${note}\n\n${limits(result)}`;
}

/** The upper bound on this machine for algorithms that do not save multiplications, as Winograd's does. */
function limits({ product }: TrainResult): string {
  const { f32, bf16, multiplyAdds } = product;
  const most = (rate: number) => ((rate * 1e9) / multiplyAdds).toFixed(0);
  return `By the definition of convolution, a step at 224 px takes ${(multiplyAdds / 1e9).toFixed(2)} billion multiply-adds
per image. TensorFlow's product of large matrices reaches ${f32.toFixed(0)} billion per second in f32 and
${bf16.toFixed(0)} in bf16 on this machine, which limits training to ${most(f32)} and ${most(bf16)} images/s.
Winograd's algorithm needs fewer multiplications and can exceed this limit.`;
}

const row = (what: string, target: number, measured: number, digits = 0): string[] => [
  what,
  target.toFixed(digits),
  measured.toFixed(digits),
  measured >= target ? 'met' : 'missed',
];
