/**
 * Schemas as JSON Schema 2020-12; those with a name are components.
 * @module
 */

import { jobEventSchema } from '@hebb/protocol/api/job';
import * as z from 'zod/mini';

export type Json = { readonly [name: string]: unknown };

/** All schemas that have a name, by name. */
export function components(): Json {
  const { schemas } = z.toJSONSchema(z.globalRegistry, {
    uri: (id) => `#/components/schemas/${id}`,
    io: 'input', // an answer may have fields that are not described yet
    override,
  });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)]));
}

/** A reference to a schema that has a name; the schema itself where it has none. */
export function schemaOf(schema: z.ZodMiniType): Json {
  const { id } = z.globalRegistry.get(schema) ?? {};
  if (id !== undefined) return { $ref: `#/components/schemas/${id}` };
  return bare(z.toJSONSchema(schema, { io: 'output', override }));
}

export const eitherOf = (schema: z.ZodMiniType, or: z.ZodMiniType | undefined): Json =>
  or ? { anyOf: [schemaOf(schema), schemaOf(or)] } : schemaOf(schema);

/** Of the webhook, which belongs to no route. */
export const jobEvent = (): Json => schemaOf(jobEventSchema);

function bare({ $schema: _, $id: __, ...schema }: Json): Json {
  return schema;
}

/** Leaves out what zod adds and no reader needs. */
function override({ jsonSchema }: { jsonSchema: { [name: string]: unknown } }): void {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
}
