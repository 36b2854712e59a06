/**
 * Lets in who signs with the secret. Without a secret everyone is let in: then the tier listens on
 * this machine only, or behind something that decides (secrets.ts).
 * @module
 */
import { createHash } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { ReplayWindow, TOLERANCE_MS } from '../../../shared/model/hop/replay-window.ts';
import {
  SIGNATURE_HEADER,
  type Signed,
  signAnswer,
  verifyRequest,
} from '../../../shared/model/hop/signature.ts';
import { HebbError } from '../../../shared/model/index.ts';
import type { ServerContext, ServerEnv } from '../http/context.ts';

/**
 * Health, metrics and what is served are asked by people and by machines without a secret. They tell
 * nothing of anybody's images, and change nothing.
 */
const OPEN: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/** A thousand requests a second for as long as their nonces count. */
const CAPACITY = 60_000;

/** A request that was signed: what is left to do with it. */
export interface Hop extends Signed {
  readonly secret: string;
}

/** Checks head, time and nonce; the body is for `checkBody`. */
export function signedOnly(secrets: readonly string[]): MiddlewareHandler<ServerEnv> {
  const replays = new ReplayWindow({
    toleranceMs: TOLERANCE_MS,
    capacity: CAPACITY,
    now: () => Date.now(),
  });
  return async (c, next) => {
    const open = OPEN.includes(c.req.method);
    if (!open && secrets.length === 0) refusePages(c.req.header('origin'));
    if (!open && secrets.length > 0) {
      const header = c.req.header(SIGNATURE_HEADER);
      if (header === undefined) throw refused('it is not signed');
      const { method, url = '' } = c.env.incoming;
      const hop = await verifyRequest({ method: method ?? '', path: url }, header, secrets);
      if (!hop) throw refused('the signature is not by a secret that is known here');
      const why = replays.refuse(hop);
      if (why !== undefined) throw refused(why);
      c.set('hop', hop);
    }
    await next();
  };
}

/**
 * Any page in a browser on this machine reaches a tier that listens on it, and could unload its model.
 * Browsers name the page with every POST (Fetch standard, 3.1); other clients name none.
 */
function refusePages(origin: string | undefined): void {
  if (origin === undefined) return;
  const page = origin.slice(0, 200);
  throw new HebbError('origin_refused', `Pages of ${page} may not call this.`, {
    hint: 'Call the edge from pages; it asks this tier where that helps.',
  });
}

/** For `readBody`: throws `hop_refused` for bytes that are not those that were signed. */
export function checkBody(c: ServerContext): (bytes: Uint8Array) => void {
  const hop = c.get('hop');
  return (bytes) => {
    if (!hop || createHash('sha256').update(bytes).digest('hex') === hop.digest) return;
    throw refused('the body is not the one that was signed');
  };
}

/** Signs an answer to whoever signed the question. */
export async function signBody(c: ServerContext, body: Uint8Array<ArrayBuffer>): Promise<void> {
  const hop = c.get('hop');
  if (hop) c.header(SIGNATURE_HEADER, await signAnswer(hop.nonce, body, hop.secret));
}

const refused = (why: string) => new HebbError('hop_refused', `The request is refused: ${why}.`);
