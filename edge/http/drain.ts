/**
 * Requests that are refused before their body was read. Clients that send everything before they read,
 * as Node's fetch does, would see a broken connection in place of the answer. So what a caller who was
 * let in sends is read to its end, and dropped, before the answer goes out.
 * @module
 */
import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from './context.ts';

export interface DrainLimits {
  /** Most bytes that are read on. */
  readonly bytes: number;
  /** How long in all, and how long nothing may come, ms. */
  readonly ms: number;
  readonly idleMs: number;
}

/** What is too large is not waited for (413), nor what somebody sends who may not (no `caller`). */
export function drainRefused(limits: DrainLimits): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    await next();
    const { body, bodyUsed } = c.req.raw;
    const { status } = c.res;
    if (!body || bodyUsed || status < 400 || status === 413 || !c.get('caller')) return;
    await drain(body, limits);
  };
}

async function drain(
  body: ReadableStream<Uint8Array>,
  { bytes, ms, idleMs }: DrainLimits,
): Promise<void> {
  const reader = body.getReader();
  const stop = () => reader.cancel().catch(() => {});
  const whole = setTimeout(stop, ms);
  let idle = setTimeout(stop, idleMs);
  try {
    for (let read = 0; read < bytes; ) {
      const { done, value } = await reader.read();
      if (done) return;
      read += value.length;
      clearTimeout(idle);
      idle = setTimeout(stop, idleMs);
    }
    await stop();
  } catch {
    // The client went away: nobody waits for the answer.
  } finally {
    clearTimeout(whole);
    clearTimeout(idle);
  }
}
