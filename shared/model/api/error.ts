/**
 * Errors as the API answers them.
 * @module
 */
import * as z from 'zod/mini';
import type { ErrorCode } from '../errors.ts';
import { about, named } from './schema.ts';

/**
 * Those of the table that an edge answers with, as a whole or for one image. The others are of the
 * command line and of the GPU tier.
 */
export const API_ERRORS: readonly ErrorCode[] = [
  'not_found',
  'method_not_allowed',
  'invalid_argument',
  'missing_image',
  'body_too_large',
  'body_timeout',
  'body_incomplete',
  'image_too_large',
  'unsupported_format',
  'broken_image',
  'url_refused',
  'url_failed',
  'job_not_found',
  'idempotency_reused',
  'webhook_refused',
  'job_expired',
  'job_not_replayable',
  'invalid_batch',
  'batch_too_large',
  'batch_running',
  'gpu_unavailable',
  'edge_exhausted',
  'key_required',
  'key_invalid',
  'scope_missing',
  'origin_refused',
  'rate_limited',
  'keys_unreadable',
  'overloaded',
  'model_unavailable',
  'model_not_found',
  'deadline_exceeded',
  'engine_unavailable',
  'internal',
];

export const errorSchema = named(
  'Error',
  'What happened, and what to do.',
  z.object({
    code: about(z.enum(API_ERRORS), 'Does not change between versions.'),
    message: about(z.string(), 'What happened, for people.'),
    hint: about(z.string(), 'What to do next.'),
  }),
);

export const errorBodySchema = named(
  'ErrorBody',
  'The body of every answer that is an error.',
  z.object({ error: errorSchema }),
);
