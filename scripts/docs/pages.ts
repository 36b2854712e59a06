/**
 * Pages with generated parts: blocks between `<!-- NAME: … -->` and `<!-- end of NAME -->`, written from the committed
 * results of the bench, the built-in model's manifest, and the table of errors.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS } from '../../edge/limits.ts';
import { MAX_PIXELS } from '../../shared/decode/plan.ts';
import { ERRORS, type ErrorCode } from '../../shared/model/errors.ts';
import type { Manifest } from '../../shared/model/package/manifest.ts';
import { accuracyReport, type QuantizeResult } from '../../test/bench/report/accuracy.ts';
import { benchmarksPage, DOCS, RESULTS } from '../../test/bench/report/docs.ts';
import { lead } from '../../test/bench/report/lead.ts';
import { readmeNumbers } from '../../test/bench/report/readme.ts';
import type { EnginesResult } from '../../test/bench/results.ts';
import { largestTable } from '../../test/decode/largest.ts';
import { ROOT } from '../worker/bundle.ts';

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
  const errors = errorTables(await read('shared', 'model', 'errors.ts'));
  const withErrors = fillBlock(await read('docs', 'api.md'), 'errors', errors);
  return new Map([
    [DOCS, await benchmarksPage(RESULTS)],
    [join(ROOT, 'README.md'), fillBlock(withAccuracy, 'built-in', builtInText(builtIn))],
    [
      join(ROOT, 'docs', 'quantization.md'),
      fillBlock(await read('docs', 'quantization.md'), 'accuracy', accuracy),
    ],
    [join(ROOT, 'docs', 'api.md'), fillBlock(withErrors, 'largest', await largestText())],
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
  return `The built-in model (${names}; ${(bytes / 1e6).toFixed(1)} MB) was trained with this command line from
scratch on ${training?.images} photographs. On the ${metrics?.images} that it has not seen it is right in
${percent(metrics?.int8?.top1)} in int8 and in ${percent(metrics?.float?.top1)} in float32; the two agree on
${percent(quantization?.agreement)}. [Its configuration, log and report](docs/built-in-model/).`;
}

/** The block about sizes in docs/api.md. */
async function largestText(): Promise<string> {
  const { body, decoding } = LIMITS;
  const megabytes = (bytes: number) => `${bytes / 1e6} MB`;
  return `A file may have ${megabytes(body.bytes)}, a picture ${Math.floor(MAX_PIXELS / 1e6)} megapixels, in any format. Within these, the memory for
decoding ends it, ${megabytes(decoding.arenaBytes)}:

${await largestTable()}`;
}

const GROUP = /^ {2}\/\/ -- (.+) --$/;
const COMMENT = /^ {2}\/\*\* (.+) \*\/$/;
const CODE = /^ {2}(\w+): \{/;

/**
 * The table of errors as Markdown. The comment of each error says when it occurs.
 * @param source the text of shared/model/errors.ts
 */
export function errorTables(source: string): string {
  const sections: string[] = [];
  let rows: string[] = [];
  let when = '';
  for (const line of source.split('\n')) {
    const group = GROUP.exec(line)?.[1];
    if (group) {
      rows = [
        `### ${capital(group)}`,
        '',
        '| code | status | when | hint |',
        '| --- | --- | --- | --- |',
      ];
      sections.push('');
    }
    when = COMMENT.exec(line)?.[1] ?? when;
    const code = CODE.exec(line)?.[1] as ErrorCode | undefined;
    if (!code || !(code in ERRORS)) continue;
    const { status, hint } = ERRORS[code];
    rows.push(`| \`${code}\` | ${status} | ${when} | ${hint} |`);
    sections[sections.length - 1] = rows.join('\n');
  }
  return sections.join('\n\n');
}

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
