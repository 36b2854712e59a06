/**
 * Reduces the table of errors in the pages' scripts: it keeps the codes of the API, and hints only for errors that the
 * page itself raises, since answers of the service contain their hints. The rest would be a tenth of the script.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Plugin } from 'esbuild';
import { API_ERRORS } from '../../shared/model/api/error.ts';
import { ERRORS, type ErrorCode } from '../../shared/model/errors.ts';

const FILE = ['shared', 'model', 'errors.ts'].join(sep);
const TABLE = /export const ERRORS = \{.*?\n\}( as const)/s;

/** Codes of the HebbErrors that the sources create. */
export async function raisedErrors(
  root: string,
  sources: readonly string[],
): Promise<ReadonlySet<ErrorCode>> {
  const own = sources.filter((path) => !path.startsWith('node_modules') && path !== FILE);
  const texts = await Promise.all(own.map((path) => readFile(join(root, path), 'utf8')));
  const codes = texts.flatMap((text) => [...text.matchAll(/HebbError\(\s*'(\w+)'/g)]);
  return new Set(codes.map(([, code]) => code as ErrorCode).filter((code) => code in ERRORS));
}

/** An esbuild plugin that replaces the table with the reduced one. */
export function pageErrors(raised: ReadonlySet<ErrorCode>): Plugin {
  const codes = [...new Set([...raised, ...API_ERRORS])];
  // 0 instead of {} saves a byte per entry; neither has a hint.
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
