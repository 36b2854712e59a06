import type { EpochLog } from '../../run/epoch-log.ts';
import { type Html, html } from '../html.ts';
import { count, percent, percentOrDash, short } from '../numbers.ts';
import { lineChart, type Series } from '../svg/line-chart.ts';
import { details, section, table } from '../table.ts';

/** Training curves: losses, accuracy, rate, image size and speed over epochs. */
export function curves(log: readonly EpochLog[] | undefined): Html {
  if (!log || log.length === 0) return html``;
  const epochs = log.map(({ epoch }) => epoch);
  const series = (
    label: string,
    style: number,
    of: (entry: EpochLog) => number | undefined,
  ): Series => ({
    label,
    style,
    values: log.map(of),
  });
  const auxiliary = log.some(
    ({ aux1Loss, aux2Loss }) => aux1Loss !== undefined || aux2Loss !== undefined,
  );
  const charts = [
    lineChart({
      id: 'loss',
      title: 'Loss, nats',
      epochs,
      format: short,
      series: [
        series(auxiliary ? 'training, all heads' : 'training', 1, ({ loss }) => loss),
        ...(auxiliary ? [series('main head', 3, ({ mainLoss }) => mainLoss)] : []),
        series('auxiliary 1', 4, ({ aux1Loss }) => aux1Loss),
        series('auxiliary 2', 5, ({ aux2Loss }) => aux2Loss),
        series('validation', 2, ({ valLoss }) => valLoss),
      ],
    }),
    lineChart({
      id: 'accuracy',
      title: 'Accuracy',
      epochs,
      top: 1,
      format: (share) => percent(share, share * 100 === Math.round(share * 100) ? 0 : 1),
      series: [
        series('training, augmented, top-1', 1, ({ trainTop1 }) => trainTop1),
        series('validation, top-1', 2, ({ valTop1 }) => valTop1),
        series('validation, top-5', 3, ({ valTop5 }) => valTop5),
        series('held out', 5, ({ holdOutAccuracy }) => holdOutAccuracy),
        series('validation, mean recall', 4, ({ valRecall }) => valRecall),
        series('validation, mean average precision', 2, ({ valMap }) => valMap),
      ],
    }),
    lineChart({
      id: 'gradients',
      title: 'Norm of the gradient over the norm of the weights',
      epochs,
      format: short,
      log: true,
      series: GRADIENT_ROWS.map((row, i) =>
        series(row, i + 1, ({ gradientNorms, weightNorms }) => {
          const [gradient, weight] = [gradientNorms?.[row], weightNorms?.[row]];
          return gradient === undefined || !weight ? undefined : gradient / weight;
        }),
      ),
    }),
    lineChart({
      id: 'rate',
      title: 'Learning rate',
      epochs,
      format: short,
      series: [series('at the end of the epoch', 1, ({ rate }) => rate)],
    }),
    lineChart({
      id: 'size',
      title: 'Side of the training images, pixels',
      epochs,
      format: count,
      steps: true,
      series: [series('pixels', 1, ({ size }) => size)],
    }),
    lineChart({
      id: 'speed',
      title: 'Training speed, images/s',
      epochs,
      format: count,
      steps: true,
      series: [series('images/s', 1, ({ imagesPerSecond }) => imagesPerSecond)],
    }),
    lineChart({
      id: 'waiting',
      title: 'Time spent waiting for images',
      epochs,
      top: 0.1,
      format: (share) => percent(share, 0),
      series: [series('share of the epoch', 1, ({ waiting }) => waiting)],
    }),
  ];
  return section(
    'training',
    'Training',
    html`<p>${summary(log)}</p>
<div class="figures">${charts}</div>
${details('All epochs as a table', epochTable(log))}`,
  );
}

/** From the input to the classifier; log.jsonl has all rows. */
const GRADIENT_ROWS = ['conv1', 'conv2', 'inception3a', 'inception4a', 'linear'];

function summary(log: readonly EpochLog[]): string {
  const hours = log.reduce((sum, { seconds }) => sum + seconds, 0) / 3600;
  const took = hours < 1 ? `${Math.round(60 * hours)} minutes` : `${hours.toFixed(1)} hours`;
  const figure = log.some(({ valMap }) => valMap !== undefined)
    ? ({ of: 'valMap', name: 'mean average precision' } as const)
    : ({ of: 'valTop1', name: 'top-1' } as const);
  const best = log.reduce<EpochLog | undefined>(
    (top, entry) => ((entry[figure.of] ?? -1) > (top?.[figure.of] ?? -1) ? entry : top),
    undefined,
  );
  const peak =
    best &&
    ` Best ${figure.name} in validation: ${percent(best[figure.of]!)}, in epoch ${best.epoch}.`;
  return `${count(log.length)} epochs, ${count(log.at(-1)!.step)} steps, ${took}.${peak ?? ''}`;
}

const COLUMNS = [
  'epoch',
  'pixels',
  'rate',
  'loss',
  'main',
  'aux 1',
  'aux 2',
  'top-1',
  'val loss',
  'val top-1',
  'val top-5',
  'val recall',
  'val mAP',
  'images/s',
  'waiting',
].map((title) => ({ title, number: true }));

const epochTable = (log: readonly EpochLog[]): Html =>
  table(
    'Epochs',
    COLUMNS,
    log.map((entry) => [
      entry.epoch,
      entry.size,
      short(entry.rate),
      ...[entry.loss, entry.mainLoss, entry.aux1Loss, entry.aux2Loss].map(shortOrDash),
      percentOrDash(entry.trainTop1),
      shortOrDash(entry.valLoss),
      percentOrDash(entry.valTop1),
      percentOrDash(entry.valTop5),
      percentOrDash(entry.valRecall),
      percentOrDash(entry.valMap),
      count(Math.round(entry.imagesPerSecond)),
      percent(entry.waiting, 0),
    ]),
  );

const shortOrDash = (value: number | undefined): string =>
  value === undefined ? '–' : short(value);
