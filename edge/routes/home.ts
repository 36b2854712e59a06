import type { Handler } from 'hono';
import type { Home } from '../../shared/model/api/service.ts';
import type { AppEnv } from '../http/context.ts';
import type { PathDescription } from '../openapi/description.ts';
import { ROUTES } from '../openapi/routes.ts';

const PATHS = Object.entries<PathDescription>(ROUTES).flatMap(([path, { methods, scope }]) =>
  Object.entries(methods)
    .filter(([, { tag }]) => tag !== 'Pages' && scope !== 'admin')
    .map(([method]) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`),
);

/** `GET /`: how to use this service. */
export const home: Handler<AppEnv> = (c) => {
  const origin = new URL(c.req.url).origin;
  const answer: Home = {
    name: 'hebb',
    description: 'Image classification at the edge.',
    classify: `curl --data-binary @photo.jpg ${origin}/v1/classify`,
    docs: `${origin}/docs`,
    openapi: `${origin}/openapi.json`,
    paths: PATHS,
  };
  return c.json(answer);
};
