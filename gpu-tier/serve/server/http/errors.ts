/**
 * Converts errors to answers.
 * @module
 */

import { HebbError } from '@hebb/model';
import type { ErrorHandler, NotFoundHandler } from 'hono';
import type { Log } from '../../observability/log.ts';
import { CODINGS } from './body.ts';
import { ClientGone, type ServerEnv } from './context.ts';

/** nginx's status for a client that has disconnected; it appears only in the log. */
const CLIENT_CLOSED_REQUEST = 499;

/** Default of Retry-After, seconds. */
const RETRY_AFTER = 1;

/**
 * The protocol requires `error` to be a string ($error_response), which clients show. Code and hint are additional
 * members, for the edge and for people.
 */
export interface ProtocolError {
  readonly error: string;
  readonly code: string;
  readonly hint: string;
}

/**
 * True if the client has disconnected. Nothing else aborts work here, and aborted work rejects with the signal's
 * reason or an AbortError (piscina).
 */
const isCancelled = (error: unknown): boolean =>
  error instanceof ClientGone || (error instanceof Error && error.name === 'AbortError');

/** Outcome of a failed request for metrics and the log: `cancelled`, or the error's code. */
export const outcomeOf = (error: unknown): string => {
  if (isCancelled(error)) return 'cancelled';
  return error instanceof HebbError ? error.code : 'internal';
};

export const onError =
  (log: Log): ErrorHandler<ServerEnv> =>
  (error, c) => {
    c.set('logFields', { ...c.get('logFields'), outcome: outcomeOf(error) });
    if (isCancelled(error)) {
      return new Response(null, { status: CLIENT_CLOSED_REQUEST });
    }
    const known = error instanceof HebbError ? error : conceal(error, log, c.get('requestId'));
    if (known.code === 'unsupported_encoding') c.header('Accept-Encoding', CODINGS);
    if (known.status === 503) c.header('Retry-After', String(c.get('retryAfter') ?? RETRY_AFTER));
    const { message, code, hint } = known;
    return c.json({ error: message, code, hint } satisfies ProtocolError, known.status);
  };

/** Logs an unexpected error in full; the answer has no details. */
function conceal(error: Error, log: Log, requestId: string): HebbError {
  log('error', 'unexpected', { requestId, error: error.stack ?? String(error) });
  return new HebbError('internal', 'Something went wrong here.', { cause: error });
}

export const notFound: NotFoundHandler<ServerEnv> = (c) => {
  throw new HebbError('not_found', `There is nothing at ${c.req.path}.`, {
    hint: 'GET /v2 lists the served models; inference is POST /v2/models/{name}/infer.',
  });
};
