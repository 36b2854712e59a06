/**
 * Helpers for schemas: descriptions of fields, names of types in the API description, errors in words.
 * @module
 */
import * as z from 'zod/mini';

/** The schema with a description. */
export const about = <Schema extends z.ZodMiniType>(schema: Schema, meaning: string): Schema =>
  schema.check(z.describe(meaning));

/** The schema as a named type in the API description: `#/components/schemas/{id}`. */
export const named = <Schema extends z.ZodMiniType>(
  id: string,
  meaning: string,
  schema: Schema,
): Schema => schema.check(z.meta({ id, description: meaning }));

/** A count or an index: 0, 1, 2, … */
export const natural = (meaning: string) => about(z.int().check(z.gte(0)), meaning);

/** 0 to 1. */
export const fraction = (meaning: string) => about(z.number().check(z.gte(0), z.lte(1)), meaning);

/** SHA-256 as 64 hex digits. */
export const sha256Hex = (meaning: string) =>
  about(z.string().check(z.regex(/^[0-9a-f]{64}$/)), meaning);

/** ISO 8601, UTC. */
export const time = (meaning: string) => about(z.iso.datetime(), meaning);

/** The values that pass the schema, in words: "1 to 5", "auto, edge or gpu". */
export function mustBe(schema: z.ZodMiniType): string {
  const { enum: choices, type, ...limits } = z.toJSONSchema(schema, { io: 'output' });
  if (choices) return oneOf(choices.map(String));
  if (type !== 'string') return `${limits.minimum} to ${limits.maximum}`;
  const { minLength = 0, maxLength } = limits;
  return maxLength === undefined ? 'text' : `${minLength} to ${maxLength} characters`;
}

const oneOf = (choices: readonly string[]): string =>
  choices.length < 2 ? choices.join() : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;

/** The type with everything in it readonly, recursively. */
export type Immutable<T> = T extends readonly (infer Item)[]
  ? readonly Immutable<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Immutable<T[Key]> }
    : T;
