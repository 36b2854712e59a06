import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { RequestIdVariables } from 'hono/request-id';
import type { LogFields } from '../../observability/log.ts';
import type { Hop } from '../auth/hop.ts';

/** What Hono's context carries through every handler. */
export interface ServerEnv {
  readonly Bindings: HttpBindings;
  readonly Variables: RequestIdVariables & {
    /** What handlers add to the request's line in the log. */
    logFields: LogFields;
    /** Seconds, for errors of status 503. */
    retryAfter: number | undefined;
    /** Who signed the request; undefined where nothing has to be signed. */
    hop: Hop | undefined;
  };
}

export type ServerContext = Context<ServerEnv>;

/** Aborted when the client goes away before it has its answer. */
export function disconnectSignal(c: ServerContext): AbortSignal {
  const { outgoing } = c.env;
  const controller = new AbortController();
  const gone = () => {
    if (!outgoing.writableFinished) controller.abort(new ClientGone());
  };
  if (outgoing.destroyed) gone();
  else outgoing.once('close', gone);
  return controller.signal;
}

/** Nobody is left to answer to. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
  constructor() {
    super('The client closed the connection.');
  }
}
