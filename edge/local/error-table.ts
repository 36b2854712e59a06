/**
 * Smaller copies of the table of errors, for code that travels to others: there, texts for OpenAPI and
 * for the docs would be a third of the script.
 * @module
 */
import { sep } from 'node:path';
import { codesWhere, ERRORS, type ErrorRow } from '@hebb/model/error-table';
import type { Plugin } from 'esbuild';

const FILE = ['shared', 'model', 'error-table.ts'].join(sep);

/** Puts these entries in the place of the whole table. */
const tableOf = (entries: readonly (readonly [code: string, row: Partial<ErrorRow> | 0])[]) =>
  ({
    name: 'error-table',
    setup({ onLoad }) {
      const contents = `export const ERRORS = ${JSON.stringify(Object.fromEntries(entries))};`;
      onLoad({ filter: /error-table\.ts$/ }, ({ path }) =>
        path.endsWith(FILE) ? { contents, loader: 'js' } : undefined,
      );
    },
  }) satisfies Plugin;

/**
 * For the pages: codes of the API, and hints only of errors that code in the browser raises, since the
 * service's answers contain their hints.
 */
export const pageErrors: Plugin = tableOf(
  codesWhere(({ routes, page }) => routes ?? page).map((code) => {
    const { hint, page } = ERRORS[code];
    // 0 instead of {} saves a byte per entry; neither has a hint.
    return [code, page ? { hint } : 0];
  }),
);

/** For the published packages: every code with its hint and its status. */
export const libraryErrors: Plugin = tableOf(
  codesWhere(() => true).map((code) => {
    const { hint, status } = ERRORS[code];
    return [code, status ? { hint, status } : { hint }];
  }),
);
