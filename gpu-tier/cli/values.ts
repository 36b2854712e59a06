/**
 * Parsers for the values of options. A value they refuse is a usage error that names the option.
 * @module
 */
import { InvalidArgumentError } from 'commander';

/** A whole number from `low` to `high`. */
export function integer(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    const ok = /^\d+$/.test(text) && value >= low && value <= high;
    if (!ok) throw new InvalidArgumentError(`Give a whole number from ${low} to ${high}.`);
    return value;
  };
}

/** Three comma-separated numbers for red, green, blue; one number stands for all three. */
export function rgbTriple(text: string): [number, number, number] {
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const [r, g = r, b = r] = values;
  const ok = (values.length === 1 || values.length === 3) && values.every(Number.isFinite);
  if (!ok) throw new InvalidArgumentError('Give one number, or three as in 123.7,116.3,103.5.');
  return [r!, g!, b!];
}

/** A number from `low` to `high`. */
export function number(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    const ok = text.trim() !== '' && value >= low && value <= high;
    if (!ok) throw new InvalidArgumentError(`Give a number from ${low} to ${high}.`);
    return value;
  };
}

/** A whole number from `low` to `high`, or `word`. */
export function integerOr<Word extends string>(
  word: Word,
  low: number,
  high: number,
): (text: string) => number | Word {
  return (text) => {
    if (text === word) return word;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Give a whole number from ${low} to ${high}, or ${word}.`);
  };
}

/** Comma-separated whole numbers from `low` to `high`. */
export function integers(low: number, high: number): (text: string) => number[] {
  const one = integer(low, high);
  return (text) => text.split(',').map((part) => one(part.trim()));
}

/** An http or https URL, returned as written. */
export function address(text: string): string {
  const protocol = URL.parse(text)?.protocol;
  if (protocol === 'https:' || protocol === 'http:') return text;
  throw new InvalidArgumentError('Give an address like https://hebb.example.com.');
}

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A duration like 30s, 15m, 24h or 90d, in ms; at most 3650 days. */
export function duration(text: string): number {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const ms = Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
  if (ms <= 3650 * UNITS_MS.d) return ms;
  throw new InvalidArgumentError('Give a time like 30s, 15m, 24h or 90d, up to 3650d.');
}
