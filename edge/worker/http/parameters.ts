/**
 * Parses parameters of a request by the schemas of the API.
 * @module
 */

import { HebbError } from '@hebb/model/errors';
import { mustBe } from '@hebb/protocol/api/schema';
import type * as z from 'zod/mini';
import type { AppContext } from './context.ts';

/** Most characters of a wrong value that its error repeats. */
const MAX_SHOWN = 100;

/**
 * The query parameters of the schema; others are ignored. Throws `invalid_argument`, which names the
 * first that is wrong and says what it must be.
 */
export function readQuery<Schema extends z.ZodMiniObject>(
  c: AppContext,
  schema: Schema,
): z.output<Schema> {
  const given: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const text = c.req.query(name);
    if (text !== undefined) given[name] = text;
  }
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const name = String(result.error.issues[0]!.path[0]);
  throw wrong(name, given[name] ?? '', schema.shape[name] as z.ZodMiniType);
}

/** A single value, such as a header's. */
export function readParameter<Schema extends z.ZodMiniType>(
  name: string,
  text: string,
  schema: Schema,
): z.output<Schema> {
  const result = schema.safeParse(text);
  if (result.success) return result.data;
  throw wrong(name, text, schema);
}

function wrong(name: string, text: string, schema: z.ZodMiniType): HebbError {
  const shown = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  return new HebbError('invalid_argument', `${name} is "${shown}"; it must be ${mustBe(schema)}.`);
}
