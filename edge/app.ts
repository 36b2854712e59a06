/**
 * The Worker's routes, from their dependencies.
 * @module
 */
import { Hono } from 'hono';
import { requestId } from 'hono/request-id';
import type { Access } from './access/access.ts';
import { crossOrigin } from './access/cors.ts';
import { useAccess } from './access/requires.ts';
import type { MemoryAccount } from './concurrency/memory-account.ts';
import type { AppEnv } from './http/context.ts';
import { drainUnread } from './http/drain.ts';
import { notFound, onError } from './http/errors.ts';
import { dataHeaders } from './http/headers.ts';
import { mountRoutes } from './openapi/mount.ts';
import { memoryReport } from './routes/account.ts';
import { type BatchDependencies, classifyBatch } from './routes/batch.ts';
import { type ClassifyDependencies, classify } from './routes/classify.ts';
import { healthz, readyz } from './routes/health.ts';
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
import { openApi } from './routes/openapi.ts';
import { homePage, type PageFiles, page, pageAsset } from './routes/pages.ts';

export interface AppDependencies extends ClassifyDependencies, BatchDependencies, JobDependencies {
  readonly access: Access;
  /** The static assets, for the web pages. */
  readonly pages: PageFiles;
  /** Shown at /debug/memory; left out in production. */
  readonly account?: MemoryAccount;
}

export function createApp(dependencies: AppDependencies): Hono<AppEnv> {
  const { models, account, access, pages, limits } = dependencies;
  const app = new Hono<AppEnv>();
  app.use(requestId());
  app.use(drainUnread(limits.unread));
  app.use(crossOrigin(access));
  app.use(dataHeaders());
  app.use(useAccess(access));
  mountRoutes(app, {
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
  });
  app.notFound(notFound);
  app.onError(onError);
  return app;
}
