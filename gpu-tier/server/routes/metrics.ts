import type { Handler } from 'hono';
import type { Metrics } from '../../observability/metrics.ts';
import type { ServerEnv } from '../http/context.ts';

/** GET /metrics, for Prometheus. */
export const exposeMetrics =
  (metrics: Metrics): Handler<ServerEnv> =>
  async (c) => {
    const { text, contentType } = await metrics.expose();
    return c.body(text, 200, { 'Content-Type': contentType });
  };
