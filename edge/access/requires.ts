import type { MiddlewareHandler } from 'hono';
import type { Scope } from '../../shared/model/access/scopes.ts';
import type { AppEnv } from '../http/context.ts';
import type { Access } from './access.ts';

/** Lays the app's access rules ready for `requires`. */
export function useAccess(access: Access): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    c.set('access', access);
    await next();
  };
}

/**
 * Lets in who may do this, and puts them into the context as `caller`; throws `key_required`,
 * `key_invalid`, `scope_missing`, `origin_refused`, `rate_limited`, `keys_unreadable`.
 */
export function requires(scope: Scope): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    c.set('caller', await c.get('access').admit(c.req.raw, scope));
    await next();
  };
}
