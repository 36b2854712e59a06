/**
 * The service itself.
 * @module
 */
import * as z from 'zod/mini';
import { about, type Immutable, named, natural, sha256Hex } from './schema.ts';

export const healthSchema = named(
  'Health',
  'The Worker runs.',
  z.object({ status: z.literal('ok') }),
);

export const readinessSchema = named(
  'Readiness',
  'An image passed through the whole service, from decoding to labels.',
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
    docs: about(z.string(), 'URL of the description for people.'),
    openapi: about(z.string(), 'URL of the description for programs.'),
    paths: about(z.array(z.string()), 'Methods and paths.'),
  }),
);

export const memorySchema = named(
  'Memory',
  'Memory of the isolate, bytes.',
  z.object({
    parts: about(z.record(z.string(), z.number()), 'Bytes per part.'),
    totalBytes: natural('Sum of the parts.'),
    peakBytes: natural('Largest sum so far.'),
  }),
);

export type Health = Immutable<z.infer<typeof healthSchema>>;
export type Readiness = Immutable<z.infer<typeof readinessSchema>>;
export type Home = Immutable<z.infer<typeof homeSchema>>;
