import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import type { Access } from './access.ts';

/** Headers of answers that a page may read. */
const EXPOSED = [
  'Server-Timing',
  'X-Request-Id',
  'Retry-After',
  'X-Hebb-Cache',
  'Location',
  'Idempotency-Replayed',
  'X-Hebb-Next-Offset',
  'X-Hebb-Job-State',
];

/**
 * CORS for the pages that may call. Preflights are answered here, without a key: browsers send none
 * with them.
 */
export function crossOrigin(access: Access): MiddlewareHandler {
  return cors({
    origin: (origin) => (access.allowsOrigin(origin) ? origin : null),
    allowMethods: ['GET', 'HEAD', 'POST', 'DELETE'],
    allowHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'Cache-Control'],
    exposeHeaders: EXPOSED,
    maxAge: 600,
  });
}
