/**
 * Formats results for people and programs.
 * @module
 */
import type { ClassifiedLine, Line, Prediction } from '@hebb/client';
import type { Sent } from './send.ts';

/** An output format: text for each image. */
export interface Output {
  /** Text before the first image. */
  readonly head: string;
  of(sent: Sent): string;
}

const CLASS_COLUMN = 2;

/**
 * A table with a row for each prediction: image, score, class; a mark for those that a multi-label model
 * chose. The widths are known before the first answer, so that
 * rows can be printed as they arrive.
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
      return marked(line)
        .map(({ label, score, chosen }, n) =>
          row(n === 0 ? input.name : '', percent(score), chosen ? `${label} ✓` : label),
        )
        .join('');
    },
  };
}

/** The predictions, and after them the chosen labels that are not among them. */
function marked({ predictions, labels = [] }: ClassifiedLine) {
  const isIn = (list: readonly Prediction[], index: number) =>
    list.some((one) => one.index === index);
  const others = labels.filter(({ index }) => !isIn(predictions, index));
  return [...predictions, ...others].map((one) => ({ ...one, chosen: isIn(labels, one.index) }));
}

/** One line of JSON per image: the API's answer. */
export const ndjson: Output = {
  head: '',
  of: ({ line }) => `${JSON.stringify(line)}\n`,
};

/**
 * RFC 4180: a line for each prediction, and for each error. Of a multi-label model a line for each class
 * that it chose, or one with an empty class if it chose none.
 */
export const csv: Output = {
  head: 'image,rank,class,score,tier,model,error\r\n',
  of({ input, line }) {
    if ('error' in line) return csvLine([input.name, '', '', '', '', '', line.error.code]);
    const { predictions, labels, tier, model } = line;
    if (labels?.length === 0) return csvLine([input.name, '', '', '', tier, model.version, '']);
    return (labels ?? predictions)
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

/** Counts the results: `2 by edge int8, 1 failed · flowers 8c6f196e8938`. */
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
