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
import { needsScope } from '../auth/access.ts';
import { checkBody } from '../auth/hop.ts';
import { readBody } from '../http/body.ts';
import type { ServerContext, ServerEnv } from '../http/context.ts';

const MAX_BODY = 65_536;

/** Lists all models; with `{"ready": true}` only those that are ready. */
export const index =
  (models: Models): Handler<ServerEnv> =>
  async (c) => {
    needsScope(c, 'classify', 'batch');
    const { ready } = await readObject(c);
    const all = await models.index();
    return c.json(ready === true ? all.filter(({ state }) => state === 'READY') : all);
  };

/** Answers when the model is warm. The old version serves until then, and also after a failure. */
export const load =
  (models: Models, log: Log): Handler<ServerEnv> =>
  async (c) => {
    needsScope(c, 'admin');
    refuseUnsupported((await readObject(c)).parameters, []);
    const model = await models.load(c.req.param('model')!);
    log('info', 'model_loaded', describeModel(model));
    const { name, version } = model.manifest;
    return c.json({ name, version });
  };

/** Requests in progress are answered before the model is closed. */
export const unload =
  (models: Models, log: Log): Handler<ServerEnv> =>
  async (c) => {
    needsScope(c, 'admin');
    refuseUnsupported((await readObject(c)).parameters, ['unload_dependents']); // no model has any
    const name = c.req.param('model')!;
    await models.unload(name);
    log('info', 'model_unloaded', { model: name });
    return c.json({ name });
  };

/**
 * Refuses parameters that are not supported (Triton's `config` and `file:…`), since ignoring them would change the
 * result that the caller expects.
 */
function refuseUnsupported(parameters: unknown, known: readonly string[]): void {
  if (parameters === undefined || parameters === null) return;
  if (typeof parameters !== 'object') throw invalid('"parameters" must be an object.');
  const given = Object.entries(parameters).filter(([, value]) => value !== null);
  const other = given.map(([name]) => name).find((name) => !known.includes(name));
  if (other === undefined) return;
  throw invalid(
    `The parameter "${other.slice(0, 100)}" is not supported.`,
    'Models are served as in their package, with the options of the tier.',
  );
}

/** The body as an object; {} if it is empty. */
async function readObject(c: ServerContext): Promise<Record<string, unknown>> {
  const body = await readBody(c.env.incoming, { limit: MAX_BODY, check: checkBody(c) });
  if (body.length === 0) return {};
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // handled below
  }
  throw invalid('The body must be a JSON object, or empty.');
}
