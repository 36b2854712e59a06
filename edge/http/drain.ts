/**
 * Bodies that were not read to their end: the request was refused, broke off, or was answered before.
 * Clients that send everything before they read, as Node's fetch does, would see a broken connection
 * in place of the answer. So what they still send is read, and dropped, before the answer ends:
 * nginx's lingering_close.
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

const PIECE_BYTES = 65_536;

/** Before an answer goes out. One that streams while the body is read sees to the rest itself. */
export function drainUnread(limits: DrainLimits): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    await next();
    await drain(c.req.raw, limits);
  };
}

/** Reads on until the body ends, or a limit does. Leaves alone what somebody reads, or is too long. */
export async function drain({ body, headers }: Request, limits: DrainLimits): Promise<void> {
  if (!body || body.locked) return;
  if (Number(headers.get('content-length') ?? 0) > limits.bytes) return;
  const reader = body.getReader({ mode: 'byob' });
  const stop = () => reader.cancel().catch(() => {}); // broken already
  const whole = setTimeout(stop, limits.ms);
  let idle = setTimeout(stop, limits.idleMs);
  try {
    let piece = new Uint8Array(PIECE_BYTES);
    for (let left = limits.bytes; left > 0; ) {
      const { done, value } = await reader.read(piece);
      if (done) return;
      left -= value.length;
      piece = new Uint8Array(value.buffer);
      clearTimeout(idle);
      idle = setTimeout(stop, limits.idleMs);
    }
    await stop();
  } catch {
    // The client went away: nobody waits for the answer.
  } finally {
    clearTimeout(whole);
    clearTimeout(idle);
  }
}
