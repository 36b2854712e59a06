import { type Html, html } from '../html.ts';
import { percent } from '../numbers.ts';
import { figure, legend } from './figure.ts';
import { linearScale } from './scale.ts';

export interface ClassRow {
  readonly name: string;
  /** Shares, 0 to 1; undefined values are not drawn. */
  readonly precision: number | undefined;
  readonly recall: number | undefined;
}

const WIDTH = 420;
const ROW = 26;
const FRAME = { left: 126, right: 22, top: 6, bottom: 24 };
/** Characters that fit left of the axis. */
const LETTERS = 15;

/** Precision and recall of each class as two marks on one line. */
export function classChart(rows: readonly ClassRow[]): Html {
  const height = FRAME.top + rows.length * ROW + FRAME.bottom;
  const x = linearScale([0, 1], [FRAME.left, WIDTH - FRAME.right]);
  const bottom = height - FRAME.bottom;
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      html`<path class="grid" d="M${x(share)} ${FRAME.top}V${bottom}"/><text x="${x(share)}" y="${bottom + 16}" text-anchor="middle">${percent(share, 0)}</text>`,
  );
  const lines = rows.map(({ name, precision, recall }, i) => {
    const y = FRAME.top + (i + 0.5) * ROW;
    const both = precision !== undefined && recall !== undefined;
    const span = both
      ? html`<path class="span" d="M${x(precision)} ${y}H${x(recall)}"/>`
      : undefined;
    return html`<g><title>${name}: precision ${said(precision)}, recall ${said(recall)}</title><text x="${FRAME.left - 10}" y="${y + 4}" text-anchor="end">${shortened(name)}</text>${span}${precision === undefined ? undefined : circle(x(precision), y)}${recall === undefined ? undefined : diamond(x(recall), y)}</g>`;
  });
  return figure({
    id: 'classes',
    title: 'Precision and recall',
    width: WIDTH,
    height,
    description: rows
      .map(({ name, precision, recall }) => `${name}: ${said(precision)} and ${said(recall)}`)
      .join('; '),
    legend: legend([
      { label: 'precision: correct among images with this answer', mark: circle(12, 6) },
      { label: 'recall: found among images of this class', mark: diamond(12, 6) },
    ]),
    body: html`${grid}${lines}`,
  });
}

const said = (share: number | undefined) => (share === undefined ? 'unknown' : percent(share));

const circle = (x: number, y: number): Html =>
  html`<circle class="mark s1" cx="${x}" cy="${y}" r="5"/>`;

const diamond = (x: number, y: number): Html =>
  html`<path class="mark s2" d="M${x} ${y - 6}l6 6l-6 6l-6 -6z"/>`;

function shortened(name: string): string {
  const letters = [...name];
  return letters.length > LETTERS ? `${letters.slice(0, LETTERS - 1).join('')}…` : name;
}
