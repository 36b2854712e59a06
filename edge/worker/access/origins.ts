/**
 * CORS: which web pages may call from a browser. Those of HEBB_CORS_ORIGINS, and under `npm start`
 * those of this machine.
 * @module
 */

import { isLoopbackOrigin } from '@hebb/protocol/access/loopback';
import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';

export class Origins {
  readonly #listed: ReadonlySet<string>;
  readonly #local: boolean;

  /**
   * @param list origins separated by commas, or `*` for all
   * @param local whether pages of this machine may call too
   */
  constructor(list: string | undefined, local: boolean) {
    const origins = (list ?? '').split(',').map((origin) => origin.trim().replace(/\/$/, ''));
    this.#listed = new Set(origins.filter(Boolean));
    this.#local = local;
  }

  allows(origin: string): boolean {
    if (this.#listed.has('*') || this.#listed.has(origin)) return true;
    return this.#local && isLoopbackOrigin(origin);
  }
}

/** Response headers that a page may read. */
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

/** Answers preflight requests without a key: browsers send none with them. */
export function crossOrigin(access: { allowsOrigin(origin: string): boolean }): MiddlewareHandler {
  return cors({
    origin: (origin) => (access.allowsOrigin(origin) ? origin : null),
    allowMethods: ['GET', 'HEAD', 'POST', 'DELETE'],
    allowHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'Cache-Control'],
    exposeHeaders: EXPOSED,
    maxAge: 600,
  });
}
