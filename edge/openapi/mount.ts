/**
 * The routes of the table in the app.
 * @module
 */
import type { Handler, Hono } from 'hono';
import { requires } from '../access/requires.ts';
import type { AppEnv } from '../http/context.ts';
import { route } from '../http/route.ts';
import type { PathDescription } from './description.ts';
import { ROUTES, type RoutePath } from './routes.ts';

/** A handler for each route of the table: one too few, or too many, does not compile. */
export type Handlers = {
  readonly [Path in RoutePath]: Readonly<
    Record<keyof (typeof ROUTES)[Path]['methods'], Handler<AppEnv>>
  >;
};

/** Adds them, each behind the scope that the table says. */
export function mountRoutes(app: Hono<AppEnv>, handlers: Handlers): void {
  for (const [path, description] of Object.entries<PathDescription>(ROUTES)) {
    if (description.scope) app.use(path, requires(description.scope));
    route(app, path, handlers[path as RoutePath]);
  }
}
