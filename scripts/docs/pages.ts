/**
 * The contents of the pages that are generated, in whole or in part.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../../shared/model/package/manifest.ts';
import { accuracyReport, type QuantizeResult } from '../../test/bench/report/accuracy.ts';
import { benchmarksPage, DOCS, RESULTS } from '../../test/bench/report/docs.ts';
import { lead } from '../../test/bench/report/lead.ts';
import { readmeNumbers } from '../../test/bench/report/readme.ts';
import type { EnginesResult } from '../../test/bench/results.ts';
import { ROOT } from '../worker/bundle.ts';
import { fillBlock } from './block.ts';
import { builtInText } from './built-in.ts';
import { errorTables } from './errors.ts';
import { largestText } from './largest.ts';

const read = (...path: string[]) => readFile(join(ROOT, ...path), 'utf8');

const result = async <T>(name: string): Promise<T> =>
  JSON.parse(await readFile(join(RESULTS, `${name}.json`), 'utf8'));

/** Path and content of each. */
export async function generatedPages(): Promise<ReadonlyMap<string, string>> {
  const engines = await result<EnginesResult>('engines');
  const numbers = readmeNumbers(engines);
  const accuracy = accuracyReport(await result<QuantizeResult>('quantize'));
  const builtIn = JSON.parse(await read('shared', 'model', 'default', 'manifest.json')) as Manifest;
  const begun = fillBlock(await read('README.md'), 'lead', lead(engines));
  const readme = fillBlock(begun, 'numbers', numbers);
  const withAccuracy = fillBlock(readme, 'accuracy', accuracy);
  const errors = errorTables();
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
