/**
 * The one place where an error becomes an answer.
 * @module
 */

import { ERRORS, HebbError } from '@hebb/model/errors';
import type { Context, ErrorHandler, NotFoundHandler } from 'hono';
import { LIMITS } from '../limits.ts';
import type { AppEnv } from './context.ts';

/** Most characters of a path that its error repeats. */
const MAX_SHOWN = 100;

/** Answers with the error's code, message and hint; anything that is no HebbError is `internal`. */
export const onError: ErrorHandler<AppEnv> = (error, c) => {
  const known = error instanceof HebbError ? error : concealed(error, c.get('requestId'));
  if (ERRORS[known.code].retryAfter) {
    const { retryAfterSeconds, ratePeriodSeconds } = LIMITS;
    const seconds = known.code === 'rate_limited' ? ratePeriodSeconds : retryAfterSeconds;
    c.header('Retry-After', String(seconds));
  }
  if (known.status === 401) c.header('WWW-Authenticate', 'Bearer realm="hebb"');
  return c.json(known.toBody(), known.status);
};

/** Unexpected errors are logged in full and answered without details. */
function concealed(error: Error, requestId: string): HebbError {
  const fields = { level: 'error', event: 'unexpected', requestId };
  console.error(JSON.stringify({ ...fields, error: String(error.stack ?? error) }));
  return new HebbError('internal', 'Something went wrong here.', { cause: error });
}

/** Answers rather than throws: `methodNotAllowed` looks at the status. */
export const notFound: NotFoundHandler<AppEnv> = (c) =>
  onError(new HebbError('not_found', `There is nothing at ${c.req.path.slice(0, MAX_SHOWN)}.`), c);

/** @param methods those that the path has */
export function onMethodNotAllowed(c: Context<AppEnv>, methods: readonly string[]) {
  c.header('Allow', methods.join(', '));
  const path = c.req.path.slice(0, MAX_SHOWN);
  return onError(new HebbError('method_not_allowed', `${path} does not take ${c.req.method}.`), c);
}
