/**
 * What became of images, as people and programs read it.
 * @module
 */
import type { Line } from '../../shared/model/client/index.ts';
import type { Sent } from './send.ts';

/** Text for each image, in order. */
export interface Output {
  /** What comes before all others. */
  readonly head: string;
  of(sent: Sent): string;
}

const CLASS_COLUMN = 2;

/**
 * A row for each prediction: image, score, class. Columns have a width before the first answer, so that
 * rows can be printed as they come.
 */
export function table(names: readonly string[]): Output {
  const width = Math.max(...names.map((name) => name.length));
  const row = (name: string, score: string, text: string) =>
    `${name.padEnd(width)}${score.padStart(9)}${' '.repeat(CLASS_COLUMN)}${text}\n`;
  return {
    head: '',
    of({ input, line }) {
      if ('error' in line) {
        const { code, message } = line.error;
        return row(input.name, 'error', `${code}: ${message}`);
      }
      return line.predictions
        .map(({ label, score }, n) => row(n === 0 ? input.name : '', percent(score), label))
        .join('');
    },
  };
}

/** A line of JSON for each image: what the API says of it. */
export const ndjson: Output = {
  head: '',
  of: ({ line }) => `${JSON.stringify(line)}\n`,
};

/** RFC 4180: a line for each prediction, and for each image that has none. */
export const csv: Output = {
  head: 'image,rank,class,score,tier,model,error\r\n',
  of({ input, line }) {
    if ('error' in line) return csvLine([input.name, '', '', '', '', '', line.error.code]);
    const { predictions, tier, model } = line;
    return predictions
      .map(({ label, score }, n) =>
        csvLine([input.name, n + 1, label, score, tier, model.version, '']),
      )
      .join('');
  },
};

const csvLine = (values: readonly (string | number)[]): string =>
  `${values.map(csvField).join(',')}\r\n`;

const csvField = (value: string | number): string =>
  /[",\r\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);

const percent = (score: number): string => `${(100 * score).toFixed(1)} %`;

/** What it came to: `3 images: 2 classified (2 edge), 1 failed. flowers 8c6f196e8938` */
export class Summary {
  #failed = 0;
  readonly #tiers = new Map<string, number>();
  readonly #models = new Set<string>();

  get failed(): number {
    return this.#failed;
  }

  add(line: Line): void {
    if ('error' in line) {
      this.#failed++;
      return;
    }
    const { tier, model } = line;
    const by = `${tier} ${model.precision}`;
    this.#tiers.set(by, (this.#tiers.get(by) ?? 0) + 1);
    this.#models.add(`${model.name} ${model.version.slice(0, 12)}`);
  }

  toString(): string {
    const counts = [...this.#tiers].map(([tier, count]) => `${count} by ${tier}`);
    const parts = [...counts, ...(this.#failed > 0 ? [`${this.#failed} failed`] : [])];
    return `${parts.join(', ')}${[...this.#models].map((model) => ` · ${model}`).join('')}\n`;
  }
}
