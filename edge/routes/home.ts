import type { Handler } from 'hono';
import type { AppEnv } from '../http/context.ts';

/** `GET /`: how to use this service. */
export const home: Handler<AppEnv> = (c) => {
  const origin = new URL(c.req.url).origin;
  return c.json({
    name: 'hebb',
    description: 'Image classification at the edge.',
    classify: `curl --data-binary @photo.jpg ${origin}/v1/classify`,
    paths: ['POST /v1/classify', 'GET /v1/models', 'GET /healthz', 'GET /readyz'],
  });
};
