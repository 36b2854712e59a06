/**
 * Compares the shape of the output with what the page shows, since figures differ from run to run.
 * @module
 */

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The parts of the shown output that are missing. */
export function missing(shown: { language: string; text: string }, actual: string): string[] {
  if (shown.language === 'json') return missingJson(valuesOf(shown.text), valuesOf(actual));
  return missingLines(shown.text, actual);
}

/** The JSON in a text: the whole text as one value, else each line that is JSON. */
function valuesOf(text: string): Json[] {
  const whole = parse(text);
  return whole.length > 0 ? whole : text.split('\n').flatMap(parse);
}

function parse(text: string): Json[] {
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === 'object' && value !== null ? [value] : [];
  } catch {
    return []; // not JSON
  }
}

function missingJson(shown: readonly Json[], actual: readonly Json[]): string[] {
  return shown
    .filter((value) => !actual.some((other) => hasShape(value, other)))
    .map((value) => `no value with the shape of ${JSON.stringify(value)}`);
}

/** True if every shown key exists, with a value of the same type. */
function hasShape(shown: Json, actual: Json | undefined): boolean {
  if (Array.isArray(shown)) {
    return Array.isArray(actual) && (shown.length === 0 || hasShape(shown[0], actual[0]));
  }
  if (typeof shown !== 'object' || shown === null) return typeof shown === typeof actual;
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) return false;
  const other = actual as Record<string, Json>;
  return Object.entries(shown).every(([key, value]) => hasShape(value as Json, other[key]));
}

/** Compares lines in order. Numbers may differ; `…` matches any text. */
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
