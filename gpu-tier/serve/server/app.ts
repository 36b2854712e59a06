/**
 * The routes of the GPU tier.
 * @module
 */

import { HebbError } from '@hebb/model';
import type { RunnerBackend } from '@hebb/tensorflow/backend/create-runner';
import { type Handler, Hono } from 'hono';
import { requestId } from 'hono/request-id';
import type { Log } from '../observability/log.ts';
import { type AccessOptions, admit } from './auth/access.ts';
import { accessLog } from './http/access-log.ts';
import type { ServerEnv } from './http/context.ts';
import { notFound, onError } from './http/errors.ts';
import { type InferDependencies, infer } from './routes/infer.ts';
import { index, load, unload } from './routes/repository.ts';
import { exposeMetrics, live, model, modelReady, ready, server } from './routes/status.ts';

export interface AppDependencies extends InferDependencies {
  readonly backend: RunnerBackend;
  readonly log: Log;
  /** True once the service has begun to stop. */
  readonly draining: () => boolean;
  readonly access: AccessOptions;
}

export function createApp(dependencies: AppDependencies): Hono<ServerEnv> {
  const { models, metrics, backend, log, draining, access } = dependencies;
  const app = new Hono<ServerEnv>();
  app.use(requestId());
  app.use(accessLog(log));
  app.use(async (c, next) => {
    await next();
    if (draining()) c.header('Connection', 'close'); // so that the next request goes to another instance
  });
  app.use(admit(access));
  route(app, '/v2', { GET: server(models, backend) });
  route(app, '/v2/health/live', { GET: live });
  route(app, '/v2/health/ready', { GET: ready(models, draining) });
  for (const path of ['/v2/models/:model', '/v2/models/:model/versions/:version']) {
    route(app, path, { GET: model(models) });
    route(app, `${path}/ready`, { GET: modelReady(models) });
    route(app, `${path}/infer`, { POST: infer(dependencies) });
  }
  route(app, '/v2/repository/index', { POST: index(models) });
  route(app, '/v2/repository/models/:model/load', { POST: load(models, log) });
  route(app, '/v2/repository/models/:model/unload', { POST: unload(models, log) });
  route(app, '/metrics', { GET: exposeMetrics(metrics) });
  // HAProxy's default health check: `OPTIONS / HTTP/1.0`.
  app.options('/', (c) => c.body(null, 204, { Allow: 'OPTIONS' }));
  app.notFound(notFound);
  app.onError(onError(log));
  return app;
}

type Methods = Partial<Record<'GET' | 'POST', Handler<ServerEnv>>>;

/**
 * Adds a path with its methods, and OPTIONS, which lists them in `Allow` (RFC 9110, 9.3.7); any other
 * method is answered 405 with the same header. hono/method-not-allowed has no OPTIONS.
 */
function route(app: Hono<ServerEnv>, path: string, methods: Methods): void {
  for (const [method, handler] of Object.entries(methods)) app.on(method, path, handler);
  const allowed = Object.keys(methods).flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : name));
  app.all(path, (c) => {
    c.header('Allow', [...allowed, 'OPTIONS'].join(', '));
    if (c.req.method === 'OPTIONS') return c.body(null, 204);
    throw new HebbError('method_not_allowed', `${c.req.method} is not for ${path}.`);
  });
}
