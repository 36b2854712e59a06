/**
 * Compares what a page shows with what came: its shape, since figures differ from run to run.
 * @module
 */

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What of the shown output did not come; empty when all of it did. */
export function missing(shown: { language: string; text: string }, actual: string): string[] {
  if (shown.language === 'json') return missingJson(valuesOf(shown.text), valuesOf(actual));
  return missingLines(shown.text, actual);
}

/** The JSON in a text: one value, or one in each line that is one. */
function valuesOf(text: string): Json[] {
  const whole = parse(text);
  return whole.length > 0 ? whole : text.split('\n').flatMap(parse);
}

function parse(text: string): Json[] {
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === 'object' && value !== null ? [value] : [];
  } catch {
    return []; // another line
  }
}

function missingJson(shown: readonly Json[], actual: readonly Json[]): string[] {
  return shown
    .filter((value) => !actual.some((other) => hasShape(value, other)))
    .map((value) => `nothing of the shape of ${JSON.stringify(value)}`);
}

/** Every key that is shown is there, with a value of the same type. */
function hasShape(shown: Json, actual: Json | undefined): boolean {
  if (Array.isArray(shown)) {
    return Array.isArray(actual) && (shown.length === 0 || hasShape(shown[0], actual[0]));
  }
  if (typeof shown !== 'object' || shown === null) return typeof shown === typeof actual;
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) return false;
  const other = actual as Record<string, Json>;
  return Object.entries(shown).every(([key, value]) => hasShape(value as Json, other[key]));
}

/** Lines in their order; numbers may differ, `…` stands for anything. */
function missingLines(shown: string, actual: string): string[] {
  const came = actual.split('\n').map(plain);
  let from = 0;
  return shown
    .split('\n')
    .filter((line) => line.trim() !== '' && line.trim() !== '…')
    .filter((line) => {
      const pattern = new RegExp(`^${plain(line).split('…').map(literally).join('.*')}$`);
      const at = came.findIndex((other, n) => n >= from && pattern.test(other));
      from = at < 0 ? from : at + 1;
      return at < 0;
    });
}

const plain = (line: string): string =>
  line
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/\d[\d.,]*/g, '0');

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
