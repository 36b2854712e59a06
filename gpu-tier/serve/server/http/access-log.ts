import type { MiddlewareHandler } from 'hono';
import type { Log } from '../../observability/log.ts';
import { parseTraceparent } from '../../observability/trace-context.ts';
import type { Caller, ServerEnv } from './context.ts';

/** Paths of health checks and metrics, which are polled; only failures are logged. */
const QUIET = /^\/(v2\/health\/|metrics$)/;

/** Logs one line per request, with its id (the caller's or a new one) and trace context. */
export function accessLog(log: Log): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    const began = performance.now();
    await next();
    const { method, path } = c.req;
    const { status } = c.res;
    if (QUIET.test(path) && status < 400) return;
    log(status >= 500 ? 'warn' : 'info', 'request', {
      requestId: c.get('requestId'),
      ...parseTraceparent(c.req.header('traceparent')),
      method,
      path,
      status,
      ms: rounded(performance.now() - began),
      caller: (c.get('caller') as Caller | undefined)?.id,
      ...c.get('logFields'),
    });
  };
}

/** Milliseconds, rounded to microseconds. */
export const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;
