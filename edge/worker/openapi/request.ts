/**
 * Parameters and request body of a route.
 * @module
 */
import type * as z from 'zod/mini';
import type { BodyDescription, ContentDescription, RouteDescription } from './description.ts';
import { REQUEST_HEADERS } from './headers.ts';
import { eitherOf, type Json, schemaOf } from './schemas.ts';

const PATH_PARAMETERS: Readonly<Record<string, Json>> = {
  id: { description: 'The job’s id.', schema: { type: 'string', maxLength: 100 } },
  version: { description: 'The model’s version.', schema: { type: 'string', maxLength: 100 } },
  path: { description: 'Path of the file.', schema: { type: 'string' } },
  file: {
    description: 'Name of the file.',
    schema: { type: 'string', enum: ['manifest.json', 'weights.int8.safetensors'] },
  },
};

/** @param path with `:name` for a parameter and `*` for the rest of the path */
export function parametersOf(path: string, { query, headers = [] }: RouteDescription): Json[] {
  const inPath = [...path.replace('*', ':path').matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    ...PATH_PARAMETERS[name!],
  }));
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, schema]) => {
    const { description, ...rest } = schemaOf(schema as z.ZodMiniType);
    return { name, in: 'query', description, schema: rest };
  });
  const inHeaders = headers.map((name) => {
    const { description, schema } = REQUEST_HEADERS[name];
    const { description: _, ...rest } = schemaOf(schema);
    return { name, in: 'header', description, schema: rest };
  });
  return [...inPath, ...inQuery, ...inHeaders];
}

export const bodyOf = ({ description, content }: BodyDescription): Json => ({
  description,
  required: true,
  content: Object.fromEntries(
    Object.entries(content).map(([type, described]) => [type, contentOf(described)]),
  ),
});

const FILE: Json = { contentMediaType: 'application/octet-stream' };

function contentOf({ schema, or, form, example }: ContentDescription): Json {
  return {
    schema: form ? formSchema(form) : schema ? eitherOf(schema, or) : FILE,
    ...(example !== undefined && { example }),
  };
}

const formSchema = (form: 'one' | 'many'): Json => ({
  type: 'object',
  required: ['image'],
  properties: { image: form === 'one' ? FILE : { type: 'array', items: FILE } },
});
