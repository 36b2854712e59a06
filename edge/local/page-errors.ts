/**
 * Reduces the table of errors in the pages' scripts: it keeps the codes of the API, and hints only for errors that
 * code in the browser raises, since answers of the service contain their hints. The rest would be a tenth of the
 * script.
 * @module
 */
import { sep } from 'node:path';
import { codesWhere, ERRORS } from '@hebb/model/error-table';
import type { Plugin } from 'esbuild';

const FILE = ['shared', 'model', 'error-table.ts'].join(sep);

/** Puts the smaller table in the place of the whole one. */
export const pageErrors: Plugin = {
  name: 'page-errors',
  setup({ onLoad }) {
    const entries = codesWhere(({ routes, page }) => routes ?? page).map((code) => {
      const { hint, page } = ERRORS[code];
      // 0 has no hint, as {} has none, in a byte less for each.
      return [code, page ? { hint } : 0];
    });
    const contents = `export const ERRORS = ${JSON.stringify(Object.fromEntries(entries))};`;
    onLoad({ filter: /error-table\.ts$/ }, ({ path }) =>
      path.endsWith(FILE) ? { contents, loader: 'js' } : undefined,
    );
  },
};
