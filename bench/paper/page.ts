/**
 * docs/paper.md and its pictures, written from the results.
 * @module
 */
import { count, counted, percent, short } from '@hebb/train/report/numbers';
import type { LineChart, Series } from '@hebb/train/report/svg/line-chart';
import { svgFile } from '@hebb/train/report/svg/svg-file';
import type { Norms } from '@hebb/train/run/epoch-log';
import { machineReport } from '../report/machine.ts';
import { range, table } from '../report/table.ts';
import { EXPERIMENTS, type ExperimentId } from './experiments.ts';
import type { PaperEpoch, PaperResult, PaperRun } from './results.ts';

/** The page, and its pictures by their names in docs/pictures. Throws a RangeError without a training. */
export function paperPage(result: PaperResult): {
  readonly page: string;
  readonly pictures: ReadonlyMap<string, string>;
} {
  const { runs } = result;
  if (runs.length === 0) throw new RangeError('There is no training to report.');
  const pictures = new Map(
    charts(result).map((chart) => [`paper-${chart.id}.svg`, svgFile(chart)]),
  );
  const page = [
    head(result),
    claims(result),
    auxiliary(result),
    headSection(result),
    naive(result),
    costs(result),
    limits(result),
  ];
  return { page: `${page.join('\n\n')}\n`, pictures };
}

const picture = (id: string, text: string) => `![${text}](pictures/paper-${id}.svg)`;

function head({ machine, note, data, settings, runs }: PaperResult): string {
  const { size, epochs, batchSize, rate } = settings;
  const steps = Math.max(...runs.map((run) => run.epochs.at(-1)?.step ?? 0));
  return `# What the paper says, measured

<!-- Written by \`npm run paper\`. Do not edit. -->

Szegedy et al. 2014, [Going Deeper with Convolutions](https://arxiv.org/abs/1409.4842), gives reasons for three parts of
its network: auxiliary heads, average pooling before the classifier, and 1×1 reductions. This page measures each on
small trainings. To repeat it:

\`\`\`sh
npm run paper                             # on drawn shapes
npm run paper -- --data photos            # on your images: class folders, or train/ and val/
\`\`\`

A stopped command resumes when it is given again, and a training that has ended is not run again. Here: ${data.name}, ${data.classes} classes,
${count(data.train)} images for training and ${count(data.val)} for validation, at ${size} px; ${epochs} epochs of batches of ${batchSize} (${count(steps)} steps), from
scratch with the recipe \`paper\` at a rate of ${rate} ([differences](../bench/paper/experiments.ts)). Each network is trained
with ${counted(seedsOf(runs), 'seed')}; a seed decides the initial weights, crops and dropout. Numbers are means over seeds, with the
smallest and the largest in brackets.

${machineReport(machine)}${note === undefined ? '' : ` Note: ${note}`}`;
}

const seedsOf = (runs: readonly PaperRun[]): number => new Set(runs.map(({ seed }) => seed)).size;

// -- figures of runs --

const ofExperiment = (runs: readonly PaperRun[], id: ExperimentId): readonly PaperRun[] =>
  runs.filter(({ experiment }) => experiment === id);

type Figure = (run: PaperRun) => number | undefined;

/** The figure of each seed that has it. */
const figures = (runs: readonly PaperRun[], id: ExperimentId, figure: Figure): number[] =>
  ofExperiment(runs, id).flatMap((run) => figure(run) ?? []);

/** NaN without values, which is shown as a dash. */
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** For norms, which differ by factors. */
const geometricMean = (values: readonly number[]): number => Math.exp(mean(values.map(Math.log)));

const last =
  (of: (epoch: PaperEpoch) => number | undefined): Figure =>
  (run) => {
    const epoch = run.epochs.at(-1);
    return epoch && of(epoch);
  };

const accuracy = last(({ valTop1 }) => valTop1);
const loss = last(({ mainLoss }) => mainLoss);

/** A row's gradient norm at the first step, or its mean over the steps of the first or the last epoch. */
const gradient =
  (row: string, when: 'start' | 'first' | 'last'): Figure =>
  ({ epochs }) =>
    when === 'start'
      ? epochs[0]?.firstGradientNorms?.[row]
      : epochs.at(when === 'first' ? 0 : -1)?.gradientNorms?.[row];

const ratio =
  (a: Figure, b: Figure): Figure =>
  (run) => {
    const [x, y] = [a(run), b(run)];
    return x === undefined || !y ? undefined : x / y;
  };

/** `63.1 % (61.0 %–64.9 %)` */
function spreadText(
  values: readonly number[],
  format: (value: number) => string,
  average: (values: readonly number[]) => number = mean,
): string {
  if (values.length === 0) return '–';
  const middle = format(average(values));
  if (values.length === 1) return middle;
  return `${middle} (${format(Math.min(...values))}–${format(Math.max(...values))})`;
}

/** Whether all seeds of one are above all seeds of the other; a single seed decides nothing. */
function compared(more: readonly number[], less: readonly number[]): Verdict {
  if (Math.min(more.length, less.length) < 2) return 'few';
  if (Math.min(...more) > Math.max(...less)) return 'more';
  return Math.max(...more) < Math.min(...less) ? 'less' : 'open';
}

type Verdict = 'more' | 'less' | 'open' | 'few';

const VERDICTS: Readonly<Record<Verdict, string>> = {
  more: 'shows',
  less: 'the opposite shows',
  open: 'does not show: the seeds overlap',
  few: 'open: too few seeds',
};

/** The difference of two accuracies in points: `+1.3 points`. */
function points(a: readonly number[], b: readonly number[]): string {
  const difference = 100 * (mean(a) - mean(b));
  if (Number.isNaN(difference)) return '–';
  return `${difference < 0 ? '−' : '+'}${Math.abs(difference).toFixed(1)} points`;
}

// -- sections --

function claims(result: PaperResult): string {
  const { runs, steps, networks } = result;
  const norm = (id: ExperimentId, when: 'start' | 'first' | 'last') =>
    figures(runs, id, gradient('conv1', when));
  const top1 = (id: ExperimentId) => figures(runs, id, accuracy);
  const times = (id: ExperimentId, other: ExperimentId, when: 'start' | 'first' | 'last') => {
    const factor = geometricMean(norm(id, when)) / geometricMean(norm(other, when));
    return Number.isNaN(factor) ? '–' : `${short(factor)}×`;
  };
  const network = (id: string) => networks.find((row) => row.id === id)!;
  const work = network('naive').multiplyAdds / network('lrn').multiplyAdds;
  const rows = [
    [
      'auxiliary heads “increase the gradient signal that gets propagated back” (section 5)',
      `conv1’s gradient at the first step ${times('lrn-auxiliary', 'lrn', 'start')}, in the first epoch ${times('lrn-auxiliary', 'lrn', 'first')}, in the last ${times('lrn-auxiliary', 'lrn', 'last')} that without them`,
      VERDICTS[compared(norm('lrn-auxiliary', 'first'), norm('lrn', 'first'))],
    ],
    [
      'they “provide additional regularization” (section 5), which should show in validation',
      `${points(top1('lrn-auxiliary'), top1('lrn'))} of top-1 with LRN, ${points(top1('bn-auxiliary'), top1('bn'))} with batch norm`,
      `LRN ${VERDICTS[compared(top1('lrn-auxiliary'), top1('lrn'))]}; batch norm ${VERDICTS[compared(top1('bn-auxiliary'), top1('bn'))]}`,
    ],
    [
      'average pooling instead of a fully connected layer improves top-1 by about 0.6 % (section 5)',
      `${points(top1('lrn'), top1('lrn-connected'))} with ${short(network('lrn-connected').parameters / network('lrn').parameters)} times fewer parameters`,
      VERDICTS[compared(top1('lrn'), top1('lrn-connected'))],
    ],
    [
      'without reductions, modules lead to “a computational blow up within a few stages” (section 4)',
      `${short(work)} times the multiply-adds, ${steps.times.median.toFixed(1)} times the time of a step`,
      steps.times.p10 > 1 ? 'shows' : 'does not show',
    ],
  ];
  return `## The claims

“Shows” means that all seeds of one network are above all seeds of the other.

${table(['the paper', 'here', ''], rows)}`;
}

const GRADIENT_COLUMNS = ['start', 'first', 'last'] as const;

function auxiliary({ runs }: PaperResult): string {
  const ids = ['lrn', 'lrn-auxiliary', 'bn', 'bn-auxiliary'] as const;
  const rows = ids.map((id) => [
    titleOf(id),
    ...GRADIENT_COLUMNS.map((when) =>
      spreadText(figures(runs, id, gradient('conv1', when)), short, geometricMean),
    ),
    spreadText(
      figures(runs, id, ratio(gradient('conv1', 'start'), gradient('inception5b', 'start'))),
      short,
      geometricMean,
    ),
  ]);
  const columns = [
    'network',
    'conv1, first step',
    'conv1, first epoch',
    'conv1, last epoch',
    'conv1 over 5b, first step',
  ];
  return `## Auxiliary heads and the gradient

The norm of the loss’s gradient by the kernels of each row of the network. On the initial weights:

${picture('start', 'Norm of the gradient of each row of the network at the first step')}

Mean over the steps of each epoch:

${picture('conv1', 'Norm of conv1’s gradient over epochs')}

${table(columns, rows, 1)}

The classifiers of all heads start with small weights (deviation 0.01), and an auxiliary head has two such layers, so little
comes back through it at the first step. Section 4 of Szegedy et al. 2016 (arXiv:1512.00567) found that
they do not speed up early training, and help only near its end; trainings as short as these do not reach that end.

${picture('loss', 'Training loss of the main head over epochs')}`;
}

function headSection({ runs, data }: PaperResult): string {
  const rows = EXPERIMENTS.map(({ id, title }) => [
    title,
    spreadText(figures(runs, id, accuracy), percent),
    spreadText(figures(runs, id, loss), short),
    `${ofExperiment(runs, id).length}`,
    failures(ofExperiment(runs, id)),
  ]);
  const p = mean(runs.flatMap((run) => accuracy(run) ?? []));
  const deviation = 100 * Math.sqrt((p * (1 - p)) / data.val);
  return `## Average pooling or a fully connected head, and all accuracies

\`hebb train --head fullyConnected\` puts 1024 fully connected units with ReLU where average pooling is. Dropout of 0.4
before the classifier stays in both, as in the paper.

${table(['network', 'top-1 in validation', 'training loss of the main head', 'seeds', 'ended without learning'], rows, 1)}

${picture('accuracy', 'Top-1 accuracy in validation over epochs')}

With ${count(data.val)} validation images, chance alone moves the accuracy of one training by ${deviation.toFixed(1)} points (one standard
deviation)${deviation > 0.6 ? ': a difference of 0.6 points, as in the paper, cannot be seen' : ''}.`;
}

/** Runs that ended with an error: `2: no_better_than_chance`. */
function failures(runs: readonly PaperRun[]): string {
  const errors = runs.flatMap(({ error }) => error ?? []);
  return errors.length === 0 ? 'none' : `${errors.length}: ${[...new Set(errors)].join(', ')}`;
}

const millions = (n: number, digits = 1): string => (n / 1e6).toFixed(digits);

function naive({ steps, modules, settings, networks }: PaperResult): string {
  const parameters = (id: string) => networks.find((row) => row.id === id)!.parameters;
  const weights = parameters('naive') / parameters('lrn');
  const rows = modules.map(({ module, inception, naive: plain }) => [
    module,
    ...[inception, plain].map(({ parameters }) => millions(parameters, 2)),
    ...[inception, plain].map(({ multiplyAdds }) => millions(multiplyAdds)),
  ]);
  const { reduced, naive: plain, times, batch, rounds } = steps;
  return `## Naive modules or reductions

A naive module (paper Figure 2a) applies its 3×3 and 5×5 windows to all channels of its input, and its pooling branch
passes all of them on, so that channels add up from module to module. Its training step, measured in turn with the
network with reductions (Figure 2b), ${counted(rounds, 'round')}, batches of ${batch} at ${settings.size} px; median, and 10th and 90th percentile:

${table(
  ['modules', 'ms per step', 'times'],
  [
    ['with reductions', range(reduced, 0), '1'],
    ['naive', range(plain, 0), range(times, 1)],
  ],
  1,
)}

Each module beside the naive one on the same input (in the whole naive network inputs are larger):

${picture('naive', 'Multiply-adds of each module')}

${table(['module', 'parameters, M', 'naive', 'multiply-adds, M', 'naive'], rows, 1)}

Besides the multiply-adds, a step clips and updates every weight, of which the naive network has ${short(weights)} times as
many. It is not trained here: a training of it takes ${short(times.median)} times as long as one with reductions.`;
}

function costs({ networks, runs }: PaperResult): string {
  const rows = networks.map(({ id, title, parameters, multiplyAdds, bytes }) => {
    const all = EXPERIMENTS.some((one) => one.id === id)
      ? ofExperiment(runs, id as ExperimentId).flatMap(({ epochs }) => epochs)
      : [];
    const seconds = all.map((epoch) => epoch.seconds);
    return [
      title,
      millions(parameters, 2),
      millions(multiplyAdds),
      millions(bytes),
      seconds.length === 0 ? '–' : spreadText(seconds, (value) => value.toFixed(0)),
    ];
  });
  return `## What the networks cost

As they are served (without auxiliary heads), at the size of these trainings; seconds are of an epoch of training with
its validation.

${table(['network', 'parameters, M', 'multiply-adds, M', 'MB in float32', 'seconds per epoch'], rows, 1)}`;
}

function limits({ settings, runs }: PaperResult): string {
  const steps = Math.max(...runs.map((run) => run.epochs.at(-1)?.step ?? 0));
  return `## What these trainings cannot show

They have ${count(steps)} steps on images of ${settings.size} px; the paper trained on 1.2 million images of 224 px in 1000 classes.
Initial weights here are those of He et al. 2015, which the paper did not know, and which are made so that signals
neither vanish nor explode in a deep network with ReLU. That dropout “remained essential” without fully connected layers (section 5) was not measured:
every training here has it.`;
}

// -- charts --

const titleOf = (id: ExperimentId): string => EXPERIMENTS.find((one) => one.id === id)!.title;

/** One style for an experiment in all charts. */
const styleOf = (id: ExperimentId): number => EXPERIMENTS.findIndex((one) => one.id === id) + 1;

const ROWS = [
  ...['conv1', 'conv2', 'inception3a', 'inception3b', 'inception4a', 'inception4b'],
  ...['inception4c', 'inception4d', 'inception4e', 'inception5a', 'inception5b', 'linear'],
];

/** Short enough to stand side by side. */
const rowText = (row: string): string =>
  row.replace('inception', '').replace('conv', 'c').replace('linear', 'fc');

function charts(result: PaperResult): LineChart[] {
  const { runs, modules } = result;
  const epochs = [...new Set(runs.flatMap((run) => run.epochs.map(({ epoch }) => epoch)))].sort(
    (a, b) => a - b,
  );
  const profiles = ['lrn', 'lrn-auxiliary', 'bn', 'bn-auxiliary'] as const;
  const startNorms = (id: ExperimentId): Norms[] =>
    ofExperiment(runs, id).flatMap((run) => {
      const norms = run.epochs[0]?.firstGradientNorms;
      return norms === undefined ? [] : [norms];
    });
  /** The mean over seeds of a figure of each epoch. */
  const curve = (
    id: ExperimentId,
    of: (epoch: PaperEpoch) => number | undefined,
    average = mean,
  ): Series => ({
    label: titleOf(id),
    style: styleOf(id),
    values: epochs.map((number) => {
      const values = ofExperiment(runs, id).flatMap((run) => {
        const epoch = run.epochs.find((one) => one.epoch === number);
        return (epoch && of(epoch)) ?? [];
      });
      return values.length === 0 ? undefined : average(values);
    }),
  });
  const all = (of: (epoch: PaperEpoch) => number | undefined): Series[] =>
    EXPERIMENTS.map(({ id }) => curve(id, of));
  return [
    {
      id: 'start',
      title: 'Norm of the gradient at the first step',
      epochs: ROWS.map((_, i) => i),
      axis: { name: 'conv1, conv2, modules 3a to 5b, classifier', texts: ROWS.map(rowText) },
      log: true,
      format: short,
      series: profiles.map((id) => ({
        label: titleOf(id),
        style: styleOf(id),
        values: ROWS.map((row) => {
          const norms = startNorms(id).flatMap((norm) => norm[row] ?? []);
          return norms.length === 0 ? undefined : geometricMean(norms);
        }),
      })),
    },
    {
      id: 'conv1',
      title: 'Norm of conv1’s gradient over epochs',
      epochs,
      log: true,
      format: short,
      series: profiles.map((id) =>
        curve(id, ({ gradientNorms }) => gradientNorms?.conv1, geometricMean),
      ),
    },
    {
      id: 'loss',
      title: 'Training loss of the main head, nats',
      epochs,
      format: short,
      series: all(({ mainLoss }) => mainLoss),
    },
    {
      id: 'accuracy',
      title: 'Top-1 accuracy in validation',
      epochs,
      top: 1,
      format: (share) => percent(share, 0),
      series: all(({ valTop1 }) => valTop1),
    },
    {
      id: 'naive',
      title: 'Multiply-adds of each module, millions',
      epochs: modules.map((_, i) => i),
      axis: { name: 'modules', texts: modules.map(({ module }) => rowText(module)) },
      format: short,
      series: [
        {
          label: 'with reductions',
          style: 1,
          values: modules.map(({ inception }) => inception.multiplyAdds / 1e6),
        },
        {
          label: 'naive, on the same input',
          style: 2,
          values: modules.map((one) => one.naive.multiplyAdds / 1e6),
        },
      ],
    },
  ];
}
