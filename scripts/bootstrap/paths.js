/** Paths in the checkout, and exit with an error message. @module */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** A path inside the checkout. */
export const at = (...parts) => path.join(root, ...parts);

/** The text of the file, or '' if it does not exist. */
export const readIfThere = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

export function fail(message, hint) {
  console.error(`error: ${message}${hint ? `\n  → ${hint}` : ''}`);
  process.exit(1);
}
