import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { RequestIdVariables } from 'hono/request-id';
import type { Scope } from '../../../shared/model/access/scopes.ts';
import type { Signed } from '../../../shared/model/hop/signature.ts';
import type { LogFields } from '../../observability/log.ts';

/** Who a request comes from. */
export interface Caller {
  /** The key's id; `edge` for who signs, `local` for who needs no key. */
  readonly id: string;
  readonly scopes: readonly Scope[];
}

/** A request that was signed: what is left to do with it. */
export interface Hop extends Signed {
  readonly secret: string;
}

/** What Hono's context carries through every handler. */
export interface ServerEnv {
  readonly Bindings: HttpBindings;
  readonly Variables: RequestIdVariables & {
    /** What handlers add to the request's line in the log. */
    logFields: LogFields;
    /** Seconds, for errors of status 503. */
    retryAfter: number | undefined;
    /** Of a request that was signed. */
    hop: Hop | undefined;
    /** Who sends it, where it is for somebody only; see auth/access.ts. */
    caller: Caller;
  };
}

export type ServerContext = Context<ServerEnv>;

/**
 * Between two questions to a client that sends no more, whether it still listens: ms. The first
 * question is answered after a round trip, which the next one finds out.
 */
const PAUSES_MS = [20, 80, 200];
const LAST_PAUSE_MS = 1000;

/**
 * Aborted when the client goes away before it has its answer.
 *
 * A FIN says that the other side sends no more (RFC 9293, 3.6): it closed its sending side and waits,
 * or it is gone. Only writing tells: one that is gone answers with a reset. `100 Continue` may come
 * before any answer, asked for or not (RFC 9110, 15.2); HTTP/1.0 does not know it.
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

/** Nobody is left to answer to. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
  constructor() {
    super('The client closed the connection.');
  }
}
