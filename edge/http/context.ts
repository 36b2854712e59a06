import type { Context } from 'hono';
import type { RequestIdVariables } from 'hono/request-id';
import type { Access } from '../access/access.ts';
import type { Caller } from '../access/caller.ts';
import type { KeepAlive } from '../concurrency/single-flight.ts';

/** What Hono's context carries through every handler. */
export interface AppEnv {
  readonly Variables: RequestIdVariables & {
    readonly access: Access;
    /** Behind `requires` only. */
    readonly caller: Caller;
  };
}

export type AppContext = Context<AppEnv>;

/** Keeps work going beyond the request, for 30 s at most. */
export const keepAliveOf =
  (c: AppContext): KeepAlive =>
  (promise) =>
    c.executionCtx.waitUntil(promise);
