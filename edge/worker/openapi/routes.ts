/**
 * The table of the Worker's routes. edge/worker/app.ts adds a handler to each, document.ts describes it.
 * @module
 */
import type { PathDescription } from './description.ts';
import { batch, classify } from './routes/classify.ts';
import { job, jobReplay, jobResults, jobs } from './routes/jobs.ts';
import { modelFile, models } from './routes/models.ts';
import { asset, docs, home, network } from './routes/pages.ts';
import { healthz, memory, openapi, readyz } from './routes/service.ts';

export const ROUTES = {
  '/v1/classify': classify,
  '/v1/batch': batch,
  '/v1/jobs': jobs,
  '/v1/jobs/:id': job,
  '/v1/jobs/:id/results': jobResults,
  '/v1/jobs/:id/replay': jobReplay,
  '/v1/models': models,
  '/v1/models/:version/files/:file': modelFile,
  '/healthz': healthz,
  '/readyz': readyz,
  '/openapi.json': openapi,
  '/debug/memory': memory,
  '/': home,
  '/network': network,
  '/docs': docs,
  '/assets/*': asset,
} as const satisfies Record<string, PathDescription>;

export type RoutePath = keyof typeof ROUTES;
