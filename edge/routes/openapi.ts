/**
 * `GET /openapi.json`: the API's description.
 * @module
 */
import type { Handler } from 'hono';
import { sha256 } from '../../shared/model/package/manifest.ts';
import type { AppEnv } from '../http/context.ts';
import { openApiDocument } from '../openapi/document.ts';

export function openApi(): Handler<AppEnv> {
  let made: Promise<{ text: string; etag: string }> | undefined;
  const make = async () => {
    const text = JSON.stringify(openApiDocument());
    return { text, etag: `"${await sha256(new TextEncoder().encode(text))}"` };
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
