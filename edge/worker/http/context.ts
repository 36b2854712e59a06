import type { Context } from 'hono';
import type { RequestIdVariables } from 'hono/request-id';
import type { Caller } from '../access/access.ts';
import type { KeepAlive } from '../concurrency/single-flight.ts';

/** What Hono's context carries through every handler. */
export interface AppEnv {
  readonly Variables: RequestIdVariables & {
    /** Set on routes that need a scope. */
    readonly caller: Caller;
  };
}

export type AppContext = Context<AppEnv>;

/** Keeps work running after the request has ended, for at most 30 s. */
export const keepAliveOf =
  (c: AppContext): KeepAlive =>
  (promise) =>
    c.executionCtx.waitUntil(promise);
