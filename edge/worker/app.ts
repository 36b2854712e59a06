/**
 * The Worker's routes, from their dependencies.
 * @module
 */

import type { Scope } from '@hebb/protocol/access/scopes';
import { type Handler, Hono, type MiddlewareHandler } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import type { Access } from './access/access.ts';
import { crossOrigin } from './access/origins.ts';
import type { MemoryAccount } from './concurrency/memory-account.ts';
import type { AppEnv } from './http/context.ts';
import { drainUnread } from './http/drain.ts';
import { notFound, onError, onMethodNotAllowed } from './http/errors.ts';
import type { PathDescription } from './openapi/description.ts';
import { ROUTES, type RoutePath } from './openapi/routes.ts';
import { type BatchDependencies, classifyBatch } from './routes/batch.ts';
import { type ClassifyDependencies, classify } from './routes/classify.ts';
import {
  createJob,
  deleteJob,
  type JobDependencies,
  jobResults,
  listJobs,
  replayJob,
  showJob,
} from './routes/jobs.ts';
import { modelFile } from './routes/model-files.ts';
import { listModels } from './routes/models.ts';
import { homePage, type PageFiles, page, pageAsset } from './routes/pages.ts';
import { healthz, memoryReport, openApi, readyz } from './routes/service.ts';

export interface AppDependencies extends ClassifyDependencies, BatchDependencies, JobDependencies {
  readonly access: Access;
  /** The static assets, for the web pages. */
  readonly pages: PageFiles;
  /** Served at /debug/memory; left out in production. */
  readonly account?: MemoryAccount;
}

/** A handler for each route of the table: a missing or an extra one does not compile. */
type Handlers = {
  readonly [Path in RoutePath]: Readonly<
    Record<keyof (typeof ROUTES)[Path]['methods'], Handler<AppEnv>>
  >;
};

export function createApp(dependencies: AppDependencies): Hono<AppEnv> {
  const { models, account, access, pages, limits } = dependencies;
  const app = new Hono<AppEnv>();
  app.use(requestId());
  app.use(drainUnread(limits.unread));
  app.use(crossOrigin(access));
  app.use(dataHeaders());
  app.use(methodNotAllowed({ app, onMethodNotAllowed }));
  const handlers: Handlers = {
    '/v1/classify': { POST: classify(dependencies) },
    '/v1/batch': { POST: classifyBatch(dependencies) },
    '/v1/jobs': { GET: listJobs(dependencies), POST: createJob(dependencies) },
    '/v1/jobs/:id': { GET: showJob(dependencies), DELETE: deleteJob(dependencies) },
    '/v1/jobs/:id/results': { GET: jobResults(dependencies) },
    '/v1/jobs/:id/replay': { POST: replayJob(dependencies) },
    '/v1/models': { GET: listModels(models) },
    '/v1/models/:version/files/:file': { GET: modelFile(models) },
    '/healthz': { GET: healthz },
    '/readyz': { GET: readyz(models) },
    '/openapi.json': { GET: openApi() },
    '/debug/memory': { GET: account ? memoryReport(account) : notFound },
    '/': { GET: homePage(pages) },
    '/network': { GET: page(pages, 'network') },
    '/docs': { GET: page(pages, 'docs') },
    '/assets/*': { GET: pageAsset(pages) },
  };
  for (const [path, { scope }] of Object.entries<PathDescription>(ROUTES)) {
    if (scope) app.use(path, requires(access, scope));
    for (const [method, handler] of Object.entries(handlers[path as RoutePath])) {
      app.on(method, path, handler);
    }
  }
  app.notFound(notFound);
  app.onError(onError);
  return app;
}

/** Admits requests with the scope, and puts their caller into the context. Throws as `Access.admit`. */
function requires(access: Access, scope: Scope): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    c.set('caller', await access.admit(c.req.raw, scope));
    await next();
  };
}

const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** Forbids sniffing, framing, running as a page, and caching, unless the route allowed it. */
function dataHeaders(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    c.header('X-Content-Type-Options', 'nosniff');
    if (!c.res.headers.has('Content-Security-Policy')) {
      c.header('Content-Security-Policy', DATA_POLICY);
    }
    c.header('Referrer-Policy', 'no-referrer');
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store');
  };
}
