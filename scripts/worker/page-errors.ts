/**
 * The table of errors as pages carry it: codes that the service answers with, whose hints come along in
 * its answers, and hints only for errors that a page can raise by itself. The rest would be a tenth of
 * the script.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Plugin } from 'esbuild';
import { API_ERRORS } from '../../shared/model/api/error.ts';
import { ERRORS, type ErrorCode } from '../../shared/model/errors.ts';

const FILE = ['shared', 'model', 'errors.ts'].join(sep);
const TABLE = /export const ERRORS = \{.*?\n\}( as const)/s;

/** Codes that any of the sources makes a HebbError with. */
export async function raisedErrors(
  root: string,
  sources: readonly string[],
): Promise<ReadonlySet<ErrorCode>> {
  const own = sources.filter((path) => !path.startsWith('node_modules') && path !== FILE);
  const texts = await Promise.all(own.map((path) => readFile(join(root, path), 'utf8')));
  const codes = texts.flatMap((text) => [...text.matchAll(/HebbError\(\s*'(\w+)'/g)]);
  return new Set(codes.map(([, code]) => code as ErrorCode).filter((code) => code in ERRORS));
}

/** Puts the smaller table in the place of the whole one. */
export function pageErrors(raised: ReadonlySet<ErrorCode>): Plugin {
  const codes = [...new Set([...raised, ...API_ERRORS])];
  // 0 has no hint, as {} has none, in a byte less for each.
  const entries = codes.map((code) => [code, raised.has(code) ? { hint: ERRORS[code].hint } : 0]);
  const table = JSON.stringify(Object.fromEntries(entries));
  return {
    name: 'page-errors',
    setup({ onLoad }) {
      onLoad({ filter: /errors\.ts$/ }, async ({ path }) => {
        if (!path.endsWith(FILE)) return undefined;
        const source = await readFile(path, 'utf8');
        if (!TABLE.test(source)) throw new Error(`${path} has no table of errors.`);
        const contents = source.replace(
          TABLE,
          (_, rest) => `export const ERRORS = ${table}${rest}`,
        );
        return { contents, loader: 'ts' };
      });
    },
  };
}
