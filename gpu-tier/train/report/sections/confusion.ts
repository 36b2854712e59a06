import type { ConfusionCell } from '../../evaluate/confusion.ts';
import { type Html, html, name } from '../html.ts';
import { count, counted } from '../numbers.ts';
import { mainMetrics, type ReportData } from '../report-data.ts';
import { section, table } from '../table.ts';

/** With more classes a matrix is mostly zeros and too wide to read. */
const MOST_CLASSES = 30;
/** Rows of the list of confusions, alone and beside the matrix. */
const MOST_CONFUSIONS = { alone: 30, beside: 10 } as const;
/** Shades of the heat map; style.ts has one class for each. */
const SHADES = 10;

/** Confusions between classes: a heat map, and a list of the most frequent ones. */
export function confusion(data: ReportData): Html {
  const main = mainMetrics(data);
  if (!main) return html``;
  const { metrics, precision } = main;
  const { classes } = data;
  const wrong = metrics.confusion.filter(({ label, answer }) => label !== answer);
  const small = classes.length <= MOST_CLASSES;
  const most = MOST_CONFUSIONS[small ? 'beside' : 'alone'];
  const list =
    wrong.length > 0
      ? confusionList(wrong.slice(0, most), classes)
      : html`<p>There are no confusions.</p>`;
  const content = small
    ? html`<p>For the ${precision} answers. Rows are the correct classes, columns the answers; the shade is the share of the row.</p>
<div class="pair">${heatMap(metrics.confusion, classes)}<div>${list}</div></div>`
    : html`<p>For the ${precision} answers: ${counted(wrong.length, 'pair')} of confused classes.</p>${list}`;
  return section('confusion', 'Confusion', content);
}

function heatMap(cells: readonly ConfusionCell[], classes: readonly string[]): Html {
  const counts = new Map(
    cells.map((cell) => [cell.label * classes.length + cell.answer, cell.count]),
  );
  const row = (label: number) => {
    const values = classes.map((_, answer) => counts.get(label * classes.length + answer) ?? 0);
    const sum = values.reduce((a, b) => a + b, 0);
    return html`<tr><th scope="row">${name(classes[label]!)}</th>${values.map(
      (value, answer) =>
        html`<td class="heat h${shade(value, sum)}${answer === label ? ' right' : ''}">${value > 0 ? count(value) : html`<span class="zero">0</span>`}</td>`,
    )}</tr>
`;
  };
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Confusion matrix"><table class="matrix">
<caption>Images by class (rows) and answer (columns)</caption>
<thead><tr><td></td>${classes.map((label) => html`<th scope="col"><span>${name(label)}</span></th>`)}</tr></thead>
<tbody>
${classes.map((_, label) => row(label))}</tbody></table></div>
`;
}

/** 0 for no image; a single image is always visible. */
const shade = (value: number, sum: number): number =>
  value === 0 ? 0 : Math.max(1, Math.round((SHADES * value) / sum));

const confusionList = (wrong: readonly ConfusionCell[], classes: readonly string[]): Html =>
  table(
    'Most frequent confusions',
    [{ title: 'class' }, { title: 'taken for' }, { title: 'images', number: true }],
    wrong.map((cell) => [
      name(classes[cell.label]!),
      name(classes[cell.answer]!),
      count(cell.count),
    ]),
  );
