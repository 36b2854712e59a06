/**
 * Authentication and scopes. Reading (GET, HEAD, OPTIONS) is open: health, metrics and metadata reveal nothing about
 * images and change nothing, and monitoring has no secret. Other requests are accepted from
 *
 *     the edge                 signed with the secret of the hop
 *     standard clients         with an API key, within its scopes
 *     this machine             with `loopback`, which `npm start` sets, under the rules of the edge
 *     everyone                 without secret and keys: the tier then listens on loopback only, or behind a
 *                              proxy that authenticates (secrets.ts)
 *
 * @module
 */

import { HebbError } from '@hebb/model';
import { isFromThisMachine } from '@hebb/protocol/access/loopback';
import { mayDo, SCOPES, type Scope } from '@hebb/protocol/access/scopes';
import { SIGNATURE_HEADER } from '@hebb/protocol/hop/signature';
import type { MiddlewareHandler } from 'hono';
import type { Caller, ServerContext, ServerEnv } from '../http/context.ts';
import { createHopCheck, refused } from './hop.ts';
import type { KeyBook } from './key-book.ts';

export interface AccessOptions {
  /** Secrets of the hop from the edge; empty if requests are not signed. */
  readonly secrets: readonly string[];
  /** Undefined if no keys are configured. */
  readonly keys?: KeyBook | undefined;
  /** Requests from this machine need neither signature nor key. */
  readonly loopback: boolean;
}

const OPEN: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/** Authenticates requests and sets `caller` in the context. */
export function admit({ secrets, keys, loopback }: AccessOptions): MiddlewareHandler<ServerEnv> {
  const checkHop = createHopCheck(secrets);
  const closed = secrets.length > 0 || keys !== undefined || loopback;
  return async (c, next) => {
    if (!OPEN.includes(c.req.method)) c.set('caller', await callerOf(c));
    await next();
  };

  async function callerOf(c: ServerContext): Promise<Caller> {
    const signature = secrets.length > 0 ? c.req.header(SIGNATURE_HEADER) : undefined;
    if (signature !== undefined) {
      c.set('hop', await checkHop(c, signature));
      return { id: 'edge', scopes: SCOPES };
    }
    // A given key is always checked. Without keys the header is for a proxy in front of the tier.
    const authorization = keys && c.req.header('authorization');
    if (keys && authorization !== undefined) return await keys.verify(shownKey(authorization));
    if (!closed || (loopback && isFromThisMachine(c.req.raw))) {
      refusePages(c.req.header('origin'));
      return { id: 'local', scopes: SCOPES };
    }
    if (!keys) throw refused('it is not signed');
    throw new HebbError('key_required', 'This needs a key, or the signature of the edge.');
  }
}

/** Throws `scope_missing` unless the caller has one of these scopes. */
export function needsScope(c: ServerContext, ...wanted: readonly Scope[]): void {
  const { id, scopes } = c.get('caller');
  if (wanted.some((scope) => mayDo(scopes, scope))) return;
  throw new HebbError(
    'scope_missing',
    `The key ${id} may do ${scopes.join(', ') || 'nothing'}; this needs the scope ${wanted.join(' or ')}.`,
  );
}

/** `Authorization: Bearer KEY` (RFC 6750). */
function shownKey(header: string): string {
  const key = /^Bearer +(\S+) *$/i.exec(header)?.[1];
  if (key !== undefined) return key;
  throw new HebbError('key_invalid', 'The header Authorization does not read "Bearer KEY".');
}

/**
 * Refuses requests from web pages: any page in a browser on this machine could otherwise unload a model. Browsers
 * send the header Origin with every POST (Fetch standard, 3.1); other clients do not.
 */
function refusePages(origin: string | undefined): void {
  if (origin === undefined) return;
  const page = origin.slice(0, 200);
  throw new HebbError('origin_refused', `Pages of ${page} may not call this.`, {
    hint: 'Call the edge from pages; it uses this tier when that helps.',
  });
}
