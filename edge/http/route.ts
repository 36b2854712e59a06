import type { Handler, Hono } from 'hono';
import { HebbError } from '../../shared/model/errors.ts';
import type { AppEnv } from './context.ts';

type Methods = Partial<Record<'GET' | 'POST' | 'DELETE', Handler<AppEnv>>>;

/** Adds a path with its methods; any other method is answered 405, naming those in `Allow`. */
export function route(app: Hono<AppEnv>, path: string, methods: Methods): void {
  for (const [method, handler] of Object.entries(methods)) app.on(method, path, handler);
  const allowed = Object.keys(methods).flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : name));
  app.all(path, (c) => {
    c.header('Allow', allowed.join(', '));
    throw new HebbError('method_not_allowed', `${c.req.method} is not for ${path}.`);
  });
}
