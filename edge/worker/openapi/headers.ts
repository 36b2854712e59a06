/**
 * Headers of requests and responses.
 * @module
 */

import { jobStateSchema } from '@hebb/protocol/api/job';
import { idempotencyKey } from '@hebb/protocol/api/options';
import * as z from 'zod/mini';
import type { RequestHeader, ResponseHeader } from './description.ts';

interface Header {
  readonly description: string;
  readonly schema: z.ZodMiniType;
}

export const REQUEST_HEADERS: Readonly<Record<RequestHeader, Header>> = {
  'Idempotency-Key': {
    description:
      'Any text of your choice: sending the same request again with it has no second effect.',
    schema: idempotencyKey,
  },
  'Cache-Control': {
    description:
      '`no-cache`: do not answer from the cache. `no-store`: do not keep the answer either.',
    schema: z.string(),
  },
};

export const RESPONSE_HEADERS: Readonly<Record<ResponseHeader | 'X-Request-Id', Header>> = {
  'X-Request-Id': {
    description: 'The id of the request in the logs: yours, if you send one.',
    schema: z.string(),
  },
  'Server-Timing': {
    description: 'The timing of the answer, for the developer tools of browsers.',
    schema: z.string(),
  },
  'X-Hebb-Cache': {
    description: 'Whether the answer came from the cache.',
    schema: z.enum(['hit', 'miss']),
  },
  Location: { description: 'URL of the job.', schema: z.string() },
  'Idempotency-Replayed': {
    description: 'The request was answered before; this is the same answer.',
    schema: z.literal('true'),
  },
  'X-Hebb-Next-Offset': {
    description: 'The offset of the next line.',
    schema: z.int().check(z.gte(0)),
  },
  'X-Hebb-Job-State': {
    description: 'The state of the job; more lines follow until it has ended.',
    schema: jobStateSchema,
  },
  ETag: { description: 'For If-None-Match.', schema: z.string() },
};
