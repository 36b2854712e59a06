/**
 * Headers of requests and answers.
 * @module
 */
import * as z from 'zod/mini';
import { jobStateSchema } from '../../shared/model/api/job.ts';
import { idempotencyKey } from '../../shared/model/api/options.ts';
import type { RequestHeader, ResponseHeader } from './description.ts';

interface Header {
  readonly description: string;
  readonly schema: z.ZodMiniType;
}

export const REQUEST_HEADERS: Readonly<Record<RequestHeader, Header>> = {
  'Idempotency-Key': {
    description:
      'Of your choice: with it the same request may be sent again when its answer did not come.',
    schema: idempotencyKey,
  },
  'Cache-Control': {
    description: '`no-cache`: compute it anew. `no-store`: and do not keep the answer.',
    schema: z.string(),
  },
};

export const RESPONSE_HEADERS: Readonly<Record<ResponseHeader | 'X-Request-Id', Header>> = {
  'X-Request-Id': {
    description: 'What the logs have the request under: yours, if you send one.',
    schema: z.string(),
  },
  'Server-Timing': {
    description: 'The answer’s timing, for the developer tools of browsers.',
    schema: z.string(),
  },
  'X-Hebb-Cache': {
    description: 'Whether the answer was given before.',
    schema: z.enum(['hit', 'miss']),
  },
  Location: { description: 'Where the job is.', schema: z.string() },
  'Idempotency-Replayed': {
    description: 'That the request was answered before, and this is the same answer.',
    schema: z.literal('true'),
  },
  'X-Hebb-Next-Offset': {
    description: 'The offset of the lines that come next.',
    schema: z.int().check(z.gte(0)),
  },
  'X-Hebb-Job-State': { description: 'Whether there will be more.', schema: jobStateSchema },
  ETag: { description: 'For If-None-Match.', schema: z.string() },
};
