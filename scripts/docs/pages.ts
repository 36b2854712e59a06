/**
 * Pages with generated parts: blocks between `<!-- NAME: … -->` and `<!-- end of NAME -->`, written from the committed
 * results of the bench, the built-in model's manifest, and the table of errors.
 * @module
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { paperPage } from '@hebb/bench/paper/page';
import type { PaperResult } from '@hebb/bench/paper/results';
import { benchmarksPage, DOCS, RESULTS } from '@hebb/bench/report/docs';
import {
  type ModelsAndCropsResult,
  modelsAndCropsReport,
} from '@hebb/bench/report/models-and-crops';
import {
  accuracyReport,
  lead,
  type QuantizeResult,
  readmeNumbers,
} from '@hebb/bench/report/readme';
import type { EnginesResult } from '@hebb/bench/results';
import { MAX_PIXELS } from '@hebb/decode/plan';
import { ROOT } from '@hebb/local/bundle';
import { ERROR_GROUPS, ERRORS, type ErrorCode, type ErrorRow } from '@hebb/model/error-table';
import type { Manifest } from '@hebb/model/package/manifest';
import { largestTable } from '@hebb/test/decode/largest';
import { LIMITS } from '@hebb/worker/limits';

const read = (...path: string[]) => readFile(join(ROOT, ...path), 'utf8');

const result = async <T>(name: string): Promise<T> =>
  JSON.parse(await readFile(join(RESULTS, `${name}.json`), 'utf8'));

/** Path and up-to-date content of each page. */
export async function generatedPages(): Promise<ReadonlyMap<string, string>> {
  const engines = await result<EnginesResult>('engines');
  const numbers = readmeNumbers(engines);
  const accuracy = accuracyReport(await result<QuantizeResult>('quantize'));
  const builtIn = JSON.parse(await read('shared', 'model', 'default', 'manifest.json')) as Manifest;
  const begun = fillBlock(await read('README.md'), 'lead', lead(engines));
  const readme = fillBlock(begun, 'numbers', numbers);
  const withAccuracy = fillBlock(readme, 'accuracy', accuracy);
  const paper = paperPage(await result<PaperResult>('paper'));
  const errors = errorTables();
  const withErrors = fillBlock(await read('docs', 'api.md'), 'errors', errors);
  return new Map([
    [DOCS, await benchmarksPage(RESULTS)],
    [join(ROOT, 'README.md'), fillBlock(withAccuracy, 'built-in', builtInText(builtIn))],
    [
      join(ROOT, 'docs', 'quantization.md'),
      fillBlock(await read('docs', 'quantization.md'), 'accuracy', accuracy),
    ],
    [
      join(ROOT, 'docs', 'evaluation.md'),
      fillBlock(await read('docs', 'evaluation.md'), 'models-and-crops', await tablesText()),
    ],
    [join(ROOT, 'docs', 'api.md'), fillBlock(withErrors, 'largest', await largestText())],
    [join(ROOT, 'docs', 'paper.md'), paper.page],
    ...[...paper.pictures].map(
      ([name, svg]) => [join(ROOT, 'docs', 'pictures', name), svg] as const,
    ),
  ]);
}

/** Replaces the content of a block. Throws if the page has no such block. */
export function fillBlock(page: string, name: string, content: string): string {
  const block = new RegExp(`(<!-- ${name}: [^>]*-->\n)[^]*?(<!-- end of ${name} -->)`);
  if (!block.test(page)) throw new Error(`The page has no block "${name}".`);
  return page.replace(block, (_, begin: string, end: string) => `${begin}\n${content}\n\n${end}`);
}

/** The README's text about the built-in model. */
function builtInText({ labels, files, metrics, training, quantization }: Manifest): string {
  const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
  const names = labels.map(({ name }) => name).join(', ');
  const percent = (value: number | undefined) => `${value?.toFixed(1)} %`;
  return `The built-in model (${names}; ${(bytes / 1e6).toFixed(1)} MB) was trained from scratch with this command
line on ${training?.images} photographs. On ${metrics?.images} other photographs its accuracy is
${percent(metrics?.int8?.top1)} in int8 and ${percent(metrics?.float?.top1)} in float32; the two agree on
${percent(quantization?.agreement)}. [Its configuration, log and report](docs/built-in-model/).`;
}

/** The tables of docs/evaluation.md: one of each file models-and-crops-….json, by name. */
async function tablesText(): Promise<string> {
  const files = (await readdir(RESULTS)).filter((file) => /^models-and-crops-.*\.json$/.test(file));
  const tables: string[] = [];
  for (const file of files.sort()) {
    tables.push(modelsAndCropsReport(await result<ModelsAndCropsResult>(file.slice(0, -5))));
  }
  return tables.join('\n\n');
}

/** The block about sizes in docs/api.md. */
async function largestText(): Promise<string> {
  const { body, decoding } = LIMITS;
  const megabytes = (bytes: number) => `${bytes / 1e6} MB`;
  return `In every format a file may have ${megabytes(body.bytes)} and a picture ${Math.floor(MAX_PIXELS / 1e6)} megapixels. The memory for
decoding, ${megabytes(decoding.arenaBytes)}, sets a lower limit for some formats:

${await largestTable()}`;
}

const COLUMNS: Readonly<Record<string, (row: ErrorRow) => string>> = {
  status: ({ status }) => String(status ?? ''),
  exit: ({ exit }) => String(exit ?? ''),
  when: ({ when }) => when,
  hint: ({ hint }) => hint,
  'answered by': ({ routes }) =>
    typeof routes === 'object'
      ? routes.map((route) => `\`${route}\``).join(', ')
      : SETS[routes ?? 'none'],
};

const SETS = {
  all: 'all',
  keyed: 'all that need a key',
  line: 'lines of results',
  none: '',
};

/** The table of errors as Markdown, a section for each group. */
export const errorTables = (): string =>
  Object.entries(ERROR_GROUPS)
    .map(([group, rows]) => `### ${group}\n\n${tableOf(Object.keys(rows) as ErrorCode[])}`)
    .join('\n\n');

/** Without the columns that would be empty. */
function tableOf(codes: readonly ErrorCode[]): string {
  const columns = Object.entries(COLUMNS).filter(([, cell]) =>
    codes.some((code) => cell(ERRORS[code])),
  );
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(['code', ...columns.map(([name]) => name)]),
    line(['---', ...columns.map(() => '---')]),
    ...codes.map((code) => line([`\`${code}\``, ...columns.map(([, cell]) => cell(ERRORS[code]))])),
  ].join('\n');
}
