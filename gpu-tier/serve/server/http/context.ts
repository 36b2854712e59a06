import type { Scope } from '@hebb/protocol/access/scopes';
import type { Signed } from '@hebb/protocol/hop/signature';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { RequestIdVariables } from 'hono/request-id';
import type { LogFields } from '../../observability/log.ts';

/** The sender of a request. */
export interface Caller {
  /** Id of the API key; `edge` for a signed request, `local` for one that needs no key. */
  readonly id: string;
  readonly scopes: readonly Scope[];
}

/** A signed request, with the data to check its body and to sign its answer. */
export interface Hop extends Signed {
  readonly secret: string;
}

/** The variables of Hono's context. */
export interface ServerEnv {
  readonly Bindings: HttpBindings;
  readonly Variables: RequestIdVariables & {
    /** Fields that handlers add to the request's log line. */
    logFields: LogFields;
    /** Seconds, for errors with status 503. */
    retryAfter: number | undefined;
    /** Set for a signed request. */
    hop: Hop | undefined;
    /** Set for requests that need authentication; see auth/access.ts. */
    caller: Caller;
  };
}

export type ServerContext = Context<ServerEnv>;

/**
 * Milliseconds between probes of a half-closed connection. If the client has gone, it answers the first probe with a
 * reset after a round trip, and the next probe fails.
 */
const PAUSES_MS = [20, 80, 200];
const LAST_PAUSE_MS = 1000;

/**
 * A signal that aborts when the client disconnects before it has its answer.
 *
 * A FIN only says that the client sends no more (RFC 9293, 3.6): it may wait for the answer, or be gone. Writing finds
 * out, since a client that is gone answers with a reset. `100 Continue` is allowed before any answer (RFC 9110, 15.2),
 * except in HTTP/1.0.
 */
export function disconnectSignal(c: ServerContext): AbortSignal {
  const { incoming, outgoing } = c.env;
  const { socket } = incoming;
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const gone = () => {
    clearTimeout(timer);
    socket.off('end', probe);
    if (!outgoing.writableFinished) controller.abort(new ClientGone());
  };
  let asked = 0;
  const probe = () => {
    if (outgoing.headersSent || incoming.httpVersionMinor === 0) return;
    outgoing.writeContinue();
    timer = setTimeout(probe, PAUSES_MS[asked++] ?? LAST_PAUSE_MS);
  };
  if (outgoing.destroyed) {
    gone();
    return controller.signal;
  }
  outgoing.once('close', gone);
  if (socket.readableEnded) probe();
  else socket.once('end', probe);
  return controller.signal;
}

/** Reason of the signal: the client has disconnected. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
  constructor() {
    super('The client closed the connection.');
  }
}
