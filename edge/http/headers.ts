import type { MiddlewareHandler } from 'hono';

const DATA = "default-src 'none'; frame-ancestors 'none'";

/**
 * Never sniffed, framed, or kept by a cache, nor run as a page: what is one, or is to be kept, has said
 * so already.
 */
export function dataHeaders(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    c.header('X-Content-Type-Options', 'nosniff');
    if (!c.res.headers.has('Content-Security-Policy')) c.header('Content-Security-Policy', DATA);
    c.header('Referrer-Policy', 'no-referrer');
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store');
  };
}
