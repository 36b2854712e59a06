import { type ClassMetrics, worstClasses } from '../../evaluate/confusion.ts';
import { type Html, html, name } from '../html.ts';
import { count, percent, percentOrDash } from '../numbers.ts';
import { mainMetrics, type ReportData } from '../report-data.ts';
import { classChart } from '../svg/class-chart.ts';
import { details, section, table } from '../table.ts';

/** Largest number of classes in the chart; of more, the weakest are shown. */
const MOST_CLASSES = 30;

/** Precision and recall of every class. */
export function perClass(data: ReportData): Html {
  const main = mainMetrics(data);
  if (!main) return html``;
  const { metrics, precision } = main;
  const known = metrics.classes.filter(({ images }) => images > 0);
  const many = known.length > MOST_CLASSES;
  const weakest = [...known].sort((a, b) => a.f1! - b.f1! || a.label - b.label);
  const shown = many ? weakest.slice(0, MOST_CLASSES) : known;
  const picture = classChart(
    shown.map((row) => ({
      name: data.classes[row.label]!,
      precision: row.precision,
      recall: row.recall,
    })),
  );
  const which = many ? ` The ${MOST_CLASSES} classes with the lowest F1 are shown first.` : '';
  const worst = worstClasses(metrics.classes);
  const tableOf = (caption: string, rows: readonly ClassMetrics[]) =>
    classTable(caption, rows, data.classes, worst);
  return section(
    'classes',
    'Classes',
    html`<p>For the ${precision} answers: mean recall ${percent(metrics.recall)}.${lowest(metrics.classes, worst, data.classes)}${which}</p>
<div class="pair">${picture}${tableOf(many ? 'The weakest classes' : 'All classes', shown)}</div>
${many ? details(`All ${count(metrics.classes.length)} classes`, tableOf('All classes', metrics.classes)) : undefined}`,
  );
}

/** ` Lowest (▼): roses 71.0 %, tulips 80.1 %.` */
function lowest(
  rows: readonly ClassMetrics[],
  worst: ReadonlySet<number>,
  classes: readonly string[],
): Html | undefined {
  if (worst.size === 0) return undefined;
  const of = new Map(rows.map(({ label, recall }) => [label, recall]));
  const named = [...worst].map(
    (label, i) =>
      html`${i > 0 ? ', ' : ''}${name(classes[label]!)} ${percentOrDash(of.get(label))}`,
  );
  return html` Lowest (▼): ${named}.`;
}

const classTable = (
  caption: string,
  rows: readonly ClassMetrics[],
  classes: readonly string[],
  worst: ReadonlySet<number>,
): Html =>
  table(
    caption,
    [
      { title: 'class' },
      ...['images', 'precision', 'recall', 'F1'].map((title) => ({ title, number: true })),
    ],
    rows.map(({ label, images, precision, recall, f1 }) => [
      name(classes[label]!),
      count(images),
      percentOrDash(precision),
      worst.has(label) ? html`<strong>▼ ${percentOrDash(recall)}</strong>` : percentOrDash(recall),
      percentOrDash(f1),
    ]),
  );
