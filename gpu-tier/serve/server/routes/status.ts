/**
 * GET /v2, /v2/health/live, /v2/health/ready, /v2/models/{name}[/versions/{version}][/ready], /metrics
 * @module
 */

import type { RunnerBackend } from '@hebb/tensorflow/backend/create-runner';
import type { Handler } from 'hono';
import type { Models } from '../../host/models.ts';
import type { Metrics } from '../../observability/metrics.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { modelMetadata, serverMetadata } from '../../protocol/metadata.ts';
import type { ServerEnv } from '../http/context.ts';

/** Liveness: the process answers, with or without a model. */
export const live: Handler<ServerEnv> = (c) => c.json({ live: true });

/** Readiness: at least one model is served, and all are warm; otherwise and during shutdown 503. */
export const ready =
  (models: Models, draining: () => boolean): Handler<ServerEnv> =>
  (c) => {
    const served = models.list();
    const ok = !draining() && served.length > 0 && served.every((model) => model.isReady());
    return c.json({ ready: ok }, ok ? 200 : 503);
  };

export const modelReady =
  (models: Models): Handler<ServerEnv> =>
  (c) => {
    const model = models.get(c.req.param('model')!, c.req.param('version'));
    const ok = model.isReady();
    return c.json({ name: model.manifest.name, ready: ok }, ok ? 200 : 503);
  };

/** GET /metrics, for Prometheus. */
export const exposeMetrics =
  (metrics: Metrics): Handler<ServerEnv> =>
  async (c) => {
    const { text, contentType } = await metrics.expose();
    return c.body(text, 200, { 'Content-Type': contentType });
  };

export const server =
  (models: Models, backend: RunnerBackend): Handler<ServerEnv> =>
  (c) =>
    c.json(serverMetadata(packageJson.version, backend, models.list()));

export const model =
  (models: Models): Handler<ServerEnv> =>
  (c) => {
    const { manifest, backend } = models.get(c.req.param('model')!, c.req.param('version'));
    return c.json(modelMetadata(manifest, backend));
  };
