/**
 * Drains bodies that were not read to their end because the request was refused, failed or answered
 * early. Clients that send everything before they read, as Node's fetch does, would otherwise see a
 * broken connection instead of the answer (nginx: lingering_close).
 * @module
 */
import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from './context.ts';

export interface DrainLimits {
  /** Most bytes that are drained. */
  readonly bytes: number;
  /** Longest time in all, and without a byte, ms. */
  readonly ms: number;
  readonly idleMs: number;
}

const PIECE_BYTES = 65_536;

/** Drains before the answer is sent. Answers that stream while the body is read drain it themselves. */
export function drainUnread(limits: DrainLimits): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    await next();
    await drain(c.req.raw, limits);
  };
}

/** Drains until the body or a limit ends. Skips a body that is locked or announced as too long. */
export async function drain({ body, headers }: Request, limits: DrainLimits): Promise<void> {
  if (!body || body.locked) return;
  if (Number(headers.get('content-length') ?? 0) > limits.bytes) return;
  const reader = body.getReader({ mode: 'byob' });
  const stop = () => reader.cancel().catch(() => {}); // already broken
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
    // The client disconnected.
  } finally {
    clearTimeout(whole);
    clearTimeout(idle);
  }
}
