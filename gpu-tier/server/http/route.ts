import type { Handler, Hono } from 'hono';
import { HebbError } from '../../../shared/model/index.ts';
import type { ServerEnv } from './context.ts';

type Methods = Partial<Record<'GET' | 'POST', Handler<ServerEnv>>>;

/**
 * Adds a path with its methods, and OPTIONS, which names them (RFC 9110, 9.3.7); any other method is
 * answered 405, naming them in `Allow`.
 */
export function route(app: Hono<ServerEnv>, path: string, methods: Methods): void {
  for (const [method, handler] of Object.entries(methods)) app.on(method, path, handler);
  const allowed = Object.keys(methods).flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : name));
  app.all(path, (c) => {
    c.header('Allow', [...allowed, 'OPTIONS'].join(', '));
    if (c.req.method === 'OPTIONS') return c.body(null, 204);
    throw new HebbError('method_not_allowed', `${c.req.method} is not for ${path}.`);
  });
}
