import type { TableRow } from '../../evaluate/ensemble.ts';
import { type Html, html } from '../html.ts';
import { count, percent, short } from '../numbers.ts';
import { section, table } from '../table.ts';

const PRECISION_NAMES = { f32: 'float32', int8: 'int8' } as const;

const COLUMNS = [
  'models',
  'crops',
  'cost',
  'top-1 error',
  '95 % interval',
  'top-5 error',
  'calibration error',
  'with temperature',
  's per image',
].map((title) => ({ title, number: true }));

/** Error against the number of models and crops, like Table 3 of the GoogLeNet paper. */
export function modelsAndCrops(rows: readonly TableRow[] | undefined): Html {
  if (!rows || rows.length === 0) return html``;
  const tables = (['f32', 'int8'] as const).flatMap((precision) => {
    const own = rows.filter((row) => row.precision === precision);
    if (own.length === 0) return [];
    return [
      table(`Error of ${PRECISION_NAMES[precision]} by models and crops`, COLUMNS, own.map(cells)),
    ];
  });
  return section(
    'models-and-crops',
    'Models and crops',
    html`<p>The cost counts runs of the network per image. The temperature is fitted on one half of the images and applied to the other.</p>
${tables}`,
  );
}

function cells(row: TableRow): string[] {
  const [low, high] = row.interval;
  return [
    count(row.models),
    count(row.crops),
    count(row.models * row.crops),
    percent(row.top1Error, 2),
    `${percent(low)} – ${percent(high)}`,
    percent(row.top5Error, 2),
    percent(row.calibrationError, 2),
    `${percent(row.withTemperature.error, 2)} (${row.withTemperature.temperatures.map(short).join(', ')})`,
    short(row.secondsPerImage),
  ];
}
