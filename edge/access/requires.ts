import type { MiddlewareHandler } from 'hono';
import type { Scope } from '../../shared/model/access/scopes.ts';
import type { AppEnv } from '../http/context.ts';
import type { Access } from './access.ts';

/** Puts the access rules into the context, for `requires`. */
export function useAccess(access: Access): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    c.set('access', access);
    await next();
  };
}

/**
 * Admits requests with the scope, and puts their sender into the context as `caller`. Throws as
 * `Access.admit` does.
 */
export function requires(scope: Scope): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    c.set('caller', await c.get('access').admit(c.req.raw, scope));
    await next();
  };
}
