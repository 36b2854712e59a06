/**
 * The Worker's routes, from their dependencies.
 * @module
 */
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { requestId } from 'hono/request-id';
import type { MemoryAccount } from './concurrency/memory-account.ts';
import type { AppEnv } from './http/context.ts';
import { notFound, onError } from './http/errors.ts';
import { dataHeaders } from './http/headers.ts';
import { route } from './http/route.ts';
import { memoryReport } from './routes/account.ts';
import { type ClassifyDependencies, classify } from './routes/classify.ts';
import { healthz, readyz } from './routes/health.ts';
import { home } from './routes/home.ts';
import { listModels } from './routes/models.ts';

export interface AppDependencies extends ClassifyDependencies {
  /** Shown at /debug/memory; left out in production. */
  readonly account?: MemoryAccount;
}

export function createApp(dependencies: AppDependencies): Hono<AppEnv> {
  const { models, account } = dependencies;
  const app = new Hono<AppEnv>();
  app.use(requestId());
  app.use(cors({ origin: '*', exposeHeaders: ['Server-Timing', 'X-Request-Id', 'Retry-After'] }));
  app.use(dataHeaders());
  route(app, '/', { GET: home });
  route(app, '/v1/classify', { POST: classify(dependencies) });
  route(app, '/v1/models', { GET: listModels(models) });
  route(app, '/healthz', { GET: healthz });
  route(app, '/readyz', { GET: readyz(models) });
  if (account) route(app, '/debug/memory', { GET: memoryReport(account) });
  app.notFound(notFound);
  app.onError(onError);
  return app;
}
