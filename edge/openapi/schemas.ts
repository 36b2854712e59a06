/**
 * Schemas as the description has them: JSON Schema 2020-12, those with a name as components.
 * @module
 */
import * as z from 'zod/mini';
// The webhook's body is in no route.
import { jobEventSchema } from '../../shared/model/api/job.ts';

export type Json = { readonly [name: string]: unknown };

/** All schemas with a name, by it. */
export function components(): Json {
  const { schemas } = z.toJSONSchema(z.globalRegistry, {
    uri: (id) => `#/components/schemas/${id}`,
    io: 'input', // an answer may have fields that are not described yet
    override,
  });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)]));
}

/** A reference to a schema with a name; what a parameter must be, without one. */
export function schemaOf(schema: z.ZodMiniType): Json {
  const { id } = z.globalRegistry.get(schema) ?? {};
  if (id !== undefined) return { $ref: `#/components/schemas/${id}` };
  return bare(z.toJSONSchema(schema, { io: 'output', override }));
}

/** One of the two, where there are two. */
export const eitherOf = (schema: z.ZodMiniType, or: z.ZodMiniType | undefined): Json =>
  or ? { anyOf: [schemaOf(schema), schemaOf(or)] } : schemaOf(schema);

export const jobEvent = (): Json => schemaOf(jobEventSchema);

function bare({ $schema: _, $id: __, ...schema }: Json): Json {
  return schema;
}

/** Leaves out what says nothing to a reader. */
function override({ jsonSchema }: { jsonSchema: { [name: string]: unknown } }): void {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
}
