/**
 * `/healthz`: the Worker runs. `/readyz`: an image went through, from decoding to labels.
 * @module
 */
import type { Handler } from 'hono';
import { type AppEnv, keepAliveOf } from '../http/context.ts';
import type { Models } from '../models/models.ts';

export const healthz: Handler<AppEnv> = (c) => c.json({ status: 'ok' });

/** Loads the model, which sends the warm-up image through it; 503 until that has worked. */
export function readyz(models: Models): Handler<AppEnv> {
  return async (c) => {
    const { name, version } = (await models.current(keepAliveOf(c))).manifest;
    return c.json({ status: 'ready', model: { name, version } });
  };
}
