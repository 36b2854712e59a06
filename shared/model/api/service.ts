/**
 * The service itself.
 * @module
 */
import * as z from 'zod/mini';
import { about, type Immutable, named, natural, sha256Hex } from './schema.ts';

export const healthSchema = named(
  'Health',
  'That the Worker runs.',
  z.object({ status: z.literal('ok') }),
);

export const readinessSchema = named(
  'Readiness',
  'That an image went through, from decoding to labels.',
  z.object({
    status: z.literal('ready'),
    model: z.object({ name: z.string(), version: sha256Hex('SHA-256 of the model’s content.') }),
  }),
);

export const homeSchema = named(
  'Home',
  'How to use this service.',
  z.object({
    name: z.string(),
    description: z.string(),
    classify: about(z.string(), 'A command line that classifies an image.'),
    docs: about(z.string(), 'Where this is described for people.'),
    openapi: about(z.string(), 'Where this is described for programs.'),
    paths: about(z.array(z.string()), 'Methods and paths.'),
  }),
);

export const memorySchema = named(
  'Memory',
  'What the isolate holds, bytes.',
  z.object({
    parts: about(z.record(z.string(), z.number()), 'Bytes per part, now.'),
    totalBytes: natural('All of them.'),
    peakBytes: natural('Largest total that was seen.'),
  }),
);

export type Health = Immutable<z.infer<typeof healthSchema>>;
export type Readiness = Immutable<z.infer<typeof readinessSchema>>;
export type Home = Immutable<z.infer<typeof homeSchema>>;
