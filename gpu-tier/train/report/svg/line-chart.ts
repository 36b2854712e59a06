import { type Html, html } from '../html.ts';
import { type Figure, figure, legend } from './figure.ts';
import { linearScale, logScale, niceTicks, powerTicks, type Scale } from './scale.ts';

export interface Series {
  readonly label: string;
  /** One per epoch; undefined if it was not measured. */
  readonly values: readonly (number | undefined)[];
  /** 1 to 5: colour and dashes. */
  readonly style: number;
}

export interface LineChart {
  readonly id: string;
  readonly title: string;
  /** Horizontal positions, one per value: 1, 2, 3 … */
  readonly epochs: readonly number[];
  /** The horizontal axis where it is not epochs: its name, and a text below each position. */
  readonly axis?: { readonly name: string; readonly texts: readonly string[] };
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  /** Least upper end of the vertical axis. */
  readonly top?: number;
  /** Logarithmic vertical axis; values that are not positive are left out. */
  readonly log?: boolean;
  /** Draw steps, for values that hold for a whole epoch. */
  readonly steps?: boolean;
}

const [WIDTH, HEIGHT] = [420, 250];
const FRAME = { left: 52, right: 18, top: 8, bottom: 36 };
/** Largest number of points that are marked. */
const MARKED = 30;

/**
 * Lines over epochs; the vertical axis starts at 0, unless it is logarithmic. Hovering over an epoch shows
 * its values.
 */
export function lineChart(chart: LineChart): Html {
  const picture = linePicture(chart);
  if (!picture) return html``;
  const { series, ...rest } = picture;
  return figure({ ...rest, ...(chart.series.length > 1 ? { legend: names(series) } : {}) });
}

/** The chart without a frame and legend, and the series that it shows; undefined if there is no value. */
export function linePicture(
  chart: LineChart,
): (Omit<Figure, 'legend'> & { readonly series: readonly Series[] }) | undefined {
  const { id, title, epochs, format, axis, log = false } = chart;
  const series = chart.series
    .map((one) => (log ? { ...one, values: one.values.map(positive) } : one))
    .filter(({ values }) => values.some(isNumber));
  if (series.length === 0 || epochs.length === 0) return undefined;
  const all = series.flatMap(({ values }) => values.filter(isNumber));
  const ticks = log
    ? powerTicks(Math.min(...all), Math.max(...all))
    : niceTicks(0, Math.max(chart.top ?? 0, ...all), 4);
  const [first, last] = [epochs[0]!, epochs.at(-1)!];
  const x = linearScale([first, last], [FRAME.left, WIDTH - FRAME.right]);
  const vertical = log ? logScale : linearScale;
  const y = vertical([ticks[0]!, ticks.at(-1)!], [HEIGHT - FRAME.bottom, FRAME.top]);
  const positions = axis ? epochs : epochTicks(first, last);
  const text = (position: number) => axis?.texts[epochs.indexOf(position)] ?? String(position);
  const at = (position: number) => (axis ? text(position) : `epoch ${position}`);
  return {
    id,
    title,
    width: WIDTH,
    height: HEIGHT,
    description: describe(series, axis ? axis.texts : epochs, axis?.name ?? 'epochs', format),
    series,
    body: html`${axes(ticks, y, positions, x, format, text, axis?.name ?? 'epoch')}
${series.map((one) => line(one, epochs, x, y, chart.steps === true))}
${epochs.map((epoch, i) => hover(at(epoch), i, epochs, series, x, format))}`,
  };
}

const positive = (value: number | undefined) =>
  value !== undefined && value > 0 ? value : undefined;

const names = (series: readonly Series[]): Html =>
  legend(
    series.map(({ label, style }) => ({
      label,
      mark: html`<path class="line s${style}" d="M1 6H23"/>`,
    })),
  );

const isNumber = (value: number | undefined): value is number =>
  value !== undefined && Number.isFinite(value);

function epochTicks(first: number, last: number): number[] {
  const ticks = niceTicks(first, last, 6);
  return ticks.filter((tick) => Number.isInteger(tick) && tick >= first && tick <= last);
}

function axes(
  ys: readonly number[],
  y: Scale,
  xs: readonly number[],
  x: Scale,
  format: (value: number) => string,
  text: (position: number) => string,
  name: string,
): Html {
  const right = WIDTH - FRAME.right;
  const bottom = HEIGHT - FRAME.bottom;
  return html`${ys.map(
    (value) =>
      html`<path class="grid" d="M${FRAME.left} ${y(value)}H${right}"/><text x="${FRAME.left - 6}" y="${y(value) + 4}" text-anchor="end">${format(value)}</text>`,
  )}${xs.map(
    (value) =>
      html`<text x="${x(value)}" y="${bottom + 16}" text-anchor="middle">${text(value)}</text>`,
  )}<text x="${(FRAME.left + right) / 2}" y="${HEIGHT - 4}" text-anchor="middle">${name}</text>`;
}

function line(
  { values, style }: Series,
  epochs: readonly number[],
  x: Scale,
  y: Scale,
  steps: boolean,
): Html {
  let path = '';
  let drawing = false;
  for (const [i, value] of values.entries()) {
    if (isNumber(value)) {
      const at = `${x(epochs[i]!)} ${y(value)}`;
      if (!drawing) path += `M${at}`;
      else path += steps ? `H${x(epochs[i]!)}V${y(value)}` : `L${at}`;
    }
    // A line bridges epochs without a measurement; a value that is not finite interrupts it.
    drawing = isNumber(value) || (drawing && value === undefined);
  }
  const points = values.flatMap((value, i) => (isNumber(value) ? [[i, value] as const] : []));
  const marks = points.length <= MARKED ? points : [];
  return html`<path class="line s${style}" d="${path}"/>${marks.map(
    ([i, value]) =>
      html`<circle class="dot s${style}" cx="${x(epochs[i]!)}" cy="${y(value)}" r="2.5"/>`,
  )}`;
}

/** An invisible strip over one epoch; the browser shows its title on hover. */
function hover(
  title: string,
  i: number,
  epochs: readonly number[],
  series: readonly Series[],
  x: Scale,
  format: (value: number) => string,
): Html {
  const epoch = epochs[i]!;
  const left = i > 0 ? (x(epochs[i - 1]!) + x(epoch)) / 2 : x(epoch) - 6;
  const right = i < epochs.length - 1 ? (x(epoch) + x(epochs[i + 1]!)) / 2 : x(epoch) + 6;
  const values = series.flatMap(({ label, values }) => {
    const value = values[i];
    return value === undefined ? [] : [`${label} ${format(value)}`];
  });
  const text = [title, ...values].join('\n');
  return html`<rect class="hover" x="${left.toFixed(1)}" y="${FRAME.top}" width="${(right - left).toFixed(1)}" height="${HEIGHT - FRAME.top - FRAME.bottom}"><title>${text}</title></rect>`;
}

function describe(
  series: readonly Series[],
  positions: readonly (number | string)[],
  axis: string,
  format: (value: number) => string,
): string {
  const ends = series.map(({ label, values }) => {
    const known = values.filter(isNumber);
    return `${label} from ${format(known[0]!)} to ${format(known.at(-1)!)}`;
  });
  return `Over ${axis} ${positions[0]} to ${positions.at(-1)}: ${ends.join('; ')}.`;
}
