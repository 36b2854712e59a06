/**
 * The service itself: its health, its memory, its description.
 * @module
 */

import { sha256Text } from '@hebb/model/package/manifest';
import type { Handler } from 'hono';
import type { MemoryAccount } from '../concurrency/memory-account.ts';
import { type AppEnv, keepAliveOf } from '../http/context.ts';
import type { Models } from '../models/models.ts';
import { openApiDocument } from '../openapi/document.ts';

/** `GET /healthz`: the Worker runs. */
export const healthz: Handler<AppEnv> = (c) => c.json({ status: 'ok' });

/** `GET /readyz`: the model is loaded and has classified the warm-up image; 503 until then. */
export function readyz(models: Models): Handler<AppEnv> {
  return async (c) => {
    const { name, version } = (await models.current(keepAliveOf(c))).manifest;
    return c.json({ status: 'ready', model: { name, version } });
  };
}

/** `GET /debug/memory`: what the isolate holds, by its own account; only with HEBB_DEBUG=1. */
export function memoryReport(account: MemoryAccount): Handler<AppEnv> {
  return (c) => c.json(account.read());
}

/** `GET /openapi.json`: the API's description. */
export function openApi(): Handler<AppEnv> {
  let made: Promise<{ text: string; etag: string }> | undefined;
  const make = async () => {
    const text = JSON.stringify(openApiDocument());
    return { text, etag: `"${await sha256Text(text)}"` };
  };
  return async (c) => {
    made ??= make();
    const { text, etag } = await made;
    c.header('Cache-Control', 'no-cache');
    c.header('ETag', etag);
    if (c.req.header('if-none-match') === etag) return c.body(null, 304);
    c.header('Content-Type', 'application/json');
    return c.body(text);
  };
}
