/**
 * The limits of this Worker: LIMITS with the replacements of `HEBB_LIMITS`, as JSON:
 * `{"gpu": {"timeoutMs": [10000, 60000]}}` for a slow GPU tier.
 * @module
 */
import type { Env } from './env.ts';
import { LIMITS } from './limits.ts';

/** The same shape, with any numbers. */
type Numbers<T> = T extends number ? number : { readonly [Key in keyof T]: Numbers<T[Key]> };

/** A part of it; pairs are replaced as a whole. */
type Some<T> = T extends number | readonly number[]
  ? Numbers<T>
  : { readonly [Key in keyof T]?: Some<T[Key]> };

export type Limits = Numbers<typeof LIMITS>;
export type SomeLimits = Some<typeof LIMITS>;

export function limitsOf({ HEBB_LIMITS: text }: Pick<Env, 'HEBB_LIMITS'>): Limits {
  if (!text) return LIMITS;
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    throw new Error('HEBB_LIMITS is not valid JSON.', { cause: error });
  }
  return replaced(LIMITS, given, 'HEBB_LIMITS') as Limits;
}

/** `limit` with the replacements. Throws for a name or a type that LIMITS does not have. */
function replaced(limit: unknown, given: unknown, path: string): unknown {
  if (!isGroup(limit)) {
    if (fits(limit, given)) return given;
    throw new Error(
      `${path} is ${JSON.stringify(given)}: it must have the form of ${JSON.stringify(limit)}.`,
    );
  }
  if (!isGroup(given)) throw new Error(`${path} must be an object of limits.`);
  const result: Record<string, unknown> = { ...limit };
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(limit, name)) throw new Error(`There is no limit ${path}.${name}.`);
    result[name] = replaced(limit[name], value, `${path}.${name}`);
  }
  return result;
}

const isGroup = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isNumber = (value: unknown): boolean =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

function fits(limit: unknown, given: unknown): boolean {
  if (!Array.isArray(limit)) return isNumber(given);
  return Array.isArray(given) && given.length === limit.length && given.every(isNumber);
}
