/**
 * Triton's model repository extension: POST /v2/repository/index,
 * /v2/repository/models/{name}/load and /unload.
 * @module
 */
import type { Handler } from 'hono';
import type { Models } from '../../host/models.ts';
import { describeModel } from '../../observability/describe-model.ts';
import type { Log } from '../../observability/log.ts';
import { invalid } from '../../protocol/request.ts';
import { checkBody } from '../auth/hop.ts';
import { readBody } from '../http/body.ts';
import type { ServerContext, ServerEnv } from '../http/context.ts';

const MAX_BODY = 65_536;

/** Lists all models, or with `{"ready": true}` those that are ready. */
export const index =
  (models: Models): Handler<ServerEnv> =>
  async (c) => {
    const { ready } = await readObject(c);
    const all = await models.index();
    return c.json(ready === true ? all.filter(({ state }) => state === 'READY') : all);
  };

/** Answers when the model is warm; until then, and when that fails, the old one goes on serving. */
export const load =
  (models: Models, log: Log): Handler<ServerEnv> =>
  async (c) => {
    await readObject(c);
    const model = await models.load(c.req.param('model')!);
    log('info', 'model_loaded', describeModel(model));
    const { name, version } = model.manifest;
    return c.json({ name, version });
  };

/** Requests that are under way are answered first. */
export const unload =
  (models: Models, log: Log): Handler<ServerEnv> =>
  async (c) => {
    await readObject(c);
    const name = c.req.param('model')!;
    await models.unload(name);
    log('info', 'model_unloaded', { model: name });
    return c.json({ name });
  };

/** The body, which may be empty. Parameters of Triton's own (`config`) are not looked at. */
async function readObject(c: ServerContext): Promise<Record<string, unknown>> {
  const body = await readBody(c.env.incoming, { limit: MAX_BODY, check: checkBody(c) });
  if (body.length === 0) return {};
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // answered below
  }
  throw invalid('The body must be a JSON object, or empty.');
}
