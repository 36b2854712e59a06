import type { Metrics } from '../../evaluate/metrics.ts';
import { type Html, html } from '../html.ts';
import { count, counted, percent, short } from '../numbers.ts';
import { mainMetrics, type ReportData } from '../report-data.ts';
import { section, table } from '../table.ts';

/** The main figures as tiles, and the figures of both precisions in a table. */
export function headline(data: ReportData): Html {
  const main = mainMetrics(data);
  if (!main) return html``;
  const { metrics, precision } = main;
  const [low, high] = metrics.interval;
  const other = precision === 'int8' ? data.float : undefined;
  const tiles = [
    tile(
      percent(metrics.top1),
      `top-1 in ${precision}`,
      `95 % interval ${percent(low)} – ${percent(high)}`,
    ),
    other && tile(percent(other.top1), 'top-1 in float32', difference(metrics.top1 - other.top1)),
    metrics.top5 < 1 || data.classes.length > 5
      ? tile(percent(metrics.top5), 'top-5', `${counted(data.classes.length, 'class', 'classes')}`)
      : undefined,
    tile(percent(metrics.recall), 'mean recall', 'each class counts equally'),
    tile(
      percent(metrics.calibration.error),
      'calibration error',
      'mean gap between confidence and accuracy',
    ),
    tile(count(metrics.images), 'images measured on', data.data ?? ''),
  ];
  return section(
    'result',
    'Result',
    html`<dl class="tiles">${tiles.filter((one) => one !== undefined)}</dl>
${table('Accuracy by precision', COLUMNS, rows(data))}`,
  );
}

const tile = (value: string, label: string, note: string): Html =>
  html`<div><dt>${label}</dt><dd><strong>${value}</strong><small>${note}</small></dd></div>`;

const difference = (share: number): string => {
  if (Math.abs(share) < 5e-5) return 'int8 loses nothing';
  const points = `${Math.abs(100 * share).toFixed(2)} points`;
  return share < 0 ? `int8 loses ${points}` : `int8 gains ${points}`;
};

const COLUMNS = [
  { title: 'precision' },
  { title: 'top-1', number: true },
  { title: '95 % interval', number: true },
  { title: 'top-5', number: true },
  { title: 'loss, nats', number: true },
  { title: 'calibration error', number: true },
];

function rows({ float, int8 }: ReportData): string[][] {
  const row = (name: string, metrics: Metrics | undefined): string[][] => {
    if (!metrics) return [];
    const { top1, top5, loss, interval, calibration } = metrics;
    const between = `${percent(interval[0])} – ${percent(interval[1])}`;
    return [
      [
        name,
        percent(top1, 2),
        between,
        percent(top5, 2),
        short(loss),
        percent(calibration.error, 2),
      ],
    ];
  };
  return [...row('float32', float), ...row('int8', int8)];
}
