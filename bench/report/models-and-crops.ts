import type { TableRow } from '@hebb/train/evaluate/ensemble';
import { table } from './table.ts';

interface Model {
  readonly name: string;
  readonly version: string;
}

/** What `hebb eval --table --json` prints. */
export interface ModelsAndCropsResult {
  /** One package, with `version`, or the members of an ensemble. */
  readonly package?: string;
  readonly version?: string;
  readonly packages?: readonly Model[];
  readonly data: string;
  readonly images: number;
  readonly date: string;
  readonly machine: Readonly<Record<string, string>>;
  /** Written by hand, e.g. what else the machine was doing. */
  readonly note?: string;
  readonly table: readonly TableRow[];
}

const PRECISION_NAMES = { f32: 'float32', int8: 'int8' } as const;

/** A paragraph and a table, in the shape of Table 3 of the GoogLeNet paper. */
export function modelsAndCropsReport(result: ModelsAndCropsResult): string {
  const { data, images, date, machine, note } = result;
  const members = result.packages ?? [{ name: result.package!, version: result.version! }];
  const names = members.map(({ name, version }) => `${name} ${version.slice(0, 8)}`).join(', ');
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  const short = (share: number) => (100 * share).toFixed(1);
  const rows = result.table.map((row) => {
    const { temperatures, error } = row.withTemperature;
    return [
      PRECISION_NAMES[row.precision],
      String(row.models),
      String(row.crops),
      String(row.models * row.crops),
      percent(row.top1Error),
      `${short(row.interval[0])}–${short(row.interval[1])}`,
      percent(row.top5Error),
      percent(row.calibrationError),
      percent(error),
      temperatures.map((temperature) => temperature.toFixed(2)).join(', '),
      row.secondsPerImage.toPrecision(2),
    ];
  });
  const head = [
    ...['precision', 'models', 'crops', 'cost', 'top-1 error', '95 % interval', 'top-5 error'],
    ...['calib. error', 'with temperature', 'T', 's per image'],
  ];
  const measured = `Measured on ${date}: ${machine.CPU}; float32 on ${machine['float32 on']?.replace(/\.?$/, '.')}`;
  return [
    `${names}, ${images} images of ${data}. ${measured}${note === undefined ? '' : ` ${note}`}`,
    table(head, rows, 1),
  ].join('\n\n');
}
