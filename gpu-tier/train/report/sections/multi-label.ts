/**
 * The parts of the report of a multi-label package: each class is a question of its own.
 * @module
 */
import type { MultiLabelClass, MultiLabelMetrics } from '../../evaluate/multi-label.ts';
import { type Html, html, name } from '../html.ts';
import { count, counted, percent, percentOrDash, short } from '../numbers.ts';
import type { ReportData } from '../report-data.ts';
import { classChart } from '../svg/class-chart.ts';
import { details, section, table } from '../table.ts';
import { imageCard } from './images.ts';

/** The metrics that details are shown of: int8, which the edge serves, if it was measured. */
function mainOf({ multiLabel }: ReportData) {
  const { int8, float } = multiLabel ?? {};
  if (int8) return { precision: 'int8', metrics: int8 };
  return float && { precision: 'float32', metrics: float };
}

/** The main figures, and those of both precisions in a table. */
export function multiLabelHeadline(data: ReportData): Html {
  const main = mainOf(data);
  if (!main) return html``;
  const { metrics, precision } = main;
  const { float, int8, agreement } = data.multiLabel!;
  const tiles = [
    tile(
      percent(metrics.meanAveragePrecision),
      `mean average precision in ${precision}`,
      'mean over the classes',
    ),
    tile(percent(metrics.f1), 'F1', 'over all decisions together'),
    tile(percent(metrics.exact), 'exactly right', 'images whose labels are all right'),
    ...(agreement === undefined
      ? []
      : [tile(percent(agreement), 'agreement', 'mean overlap of the labels in float32 and int8')]),
    tile(count(metrics.images), 'images measured on', data.data ?? ''),
  ];
  const row = (of: string, figures: MultiLabelMetrics | undefined): string[][] =>
    figures
      ? [
          [
            of,
            percent(figures.meanAveragePrecision, 2),
            percent(figures.f1, 2),
            percent(figures.exact, 2),
            short(figures.loss),
          ],
        ]
      : [];
  return section(
    'result',
    'Result',
    html`<dl class="tiles">${tiles}</dl>
${table(
  'Accuracy by precision',
  [
    { title: 'precision' },
    ...['mean average precision', 'F1', 'exactly right', 'loss, nats'].map((title) => ({
      title,
      number: true,
    })),
  ],
  [...row('float32', float), ...row('int8', int8)],
)}`,
  );
}

const tile = (value: string, label: string, note: string): Html =>
  html`<div><dt>${label}</dt><dd><strong>${value}</strong><small>${note}</small></dd></div>`;

/** Largest number of classes in the chart; of more, the weakest are shown. */
const MOST_CLASSES = 30;
/** Classes that are marked as the worst. */
const MOST_WORST = 3;

/** Average precision, threshold, precision and recall of every class. */
export function multiLabelClasses(data: ReportData): Html {
  const main = mainOf(data);
  if (!main) return html``;
  const { metrics, precision } = main;
  const known = metrics.classes.filter(({ images }) => images > 0);
  const weakest = [...known].sort(
    (a, b) => a.averagePrecision! - b.averagePrecision! || a.label - b.label,
  );
  const many = known.length > MOST_CLASSES;
  const shown = many ? weakest.slice(0, MOST_CLASSES) : known;
  const worst = new Set(
    weakest.slice(0, Math.min(MOST_WORST, Math.floor(known.length / 2))).map(({ label }) => label),
  );
  const rows = (classes: readonly MultiLabelClass[]) =>
    table(
      many && classes === shown ? 'The weakest classes' : 'All classes',
      [
        { title: 'class' },
        ...['images', 'average precision', 'threshold', 'precision', 'recall', 'F1'].map(
          (title) => ({
            title,
            number: true,
          }),
        ),
      ],
      classes.map((row) => [
        name(data.classes[row.label]!),
        count(row.images),
        worst.has(row.label)
          ? html`<strong>▼ ${percentOrDash(row.averagePrecision)}</strong>`
          : percentOrDash(row.averagePrecision),
        short(row.threshold),
        ...[row.precision, row.recall, row.f1].map(percentOrDash),
      ]),
    );
  const picture = classChart(
    shown.map((row) => ({
      name: data.classes[row.label]!,
      precision: row.precision,
      recall: row.recall,
    })),
  );
  return section(
    'classes',
    'Classes',
    html`<p>For the ${precision} answers, at the thresholds of the package. ▼ marks the lowest average precision.</p>
<div class="pair">${picture}${rows(shown)}</div>
${many ? details(`All ${count(metrics.classes.length)} classes`, rows(metrics.classes)) : undefined}`,
  );
}

/** The images whose labels are furthest from the truth. */
export function multiLabelMistakes(data: ReportData): Html {
  const main = mainOf(data);
  if (!main) return html``;
  const { metrics, precision } = main;
  const wrong = Math.round(metrics.images * (1 - metrics.exact));
  const list = (labels: readonly number[]) =>
    labels.map((label, i) => html`${i > 0 ? ', ' : ''}${name(data.classes[label]!)}`);
  const cards = metrics.mistakes.map(({ image, missed, wrong: extra }) =>
    imageCard(data.images?.get(image), [
      ...(extra.length > 0 ? [html`wrong: <strong>${list(extra)}</strong>`] : []),
      ...(missed.length > 0 ? [html`missed: <strong>${list(missed)}</strong>`] : []),
    ]),
  );
  const content =
    cards.length > 0
      ? html`<p>${counted(wrong, 'image')} of ${count(metrics.images)} with a wrong set of labels (${precision}); these have the largest errors. Look for missing labels.</p>
<ul class="cards">${cards}</ul>
`
      : html`<p>There are none.</p>`;
  return section('mistakes', 'Worst mistakes', content);
}
