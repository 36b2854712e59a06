/**
 * Who may do what. Reading is open: health, metrics and what is served are asked by people and by
 * machines without a secret; they tell nothing of anybody's images, and change nothing. The rest is for
 *
 *     who signs with the hop's secret        the edge
 *     who shows an API key                   standard clients, within the key's scopes
 *     this very machine, where that is on    what `npm start` sets, on the rules of the edge
 *     everyone, without secret and keys      then it listens on this machine only, or behind
 *                                            something that decides (secrets.ts)
 *
 * @module
 */
import type { MiddlewareHandler } from 'hono';
import { isFromThisMachine } from '../../../shared/model/access/loopback.ts';
import { mayDo, SCOPES, type Scope } from '../../../shared/model/access/scopes.ts';
import { SIGNATURE_HEADER } from '../../../shared/model/hop/signature.ts';
import { HebbError } from '../../../shared/model/index.ts';
import type { Caller, ServerContext, ServerEnv } from '../http/context.ts';
import { createHopCheck, refused } from './hop.ts';
import type { KeyBook } from './key-book.ts';

export interface AccessOptions {
  /** Secrets of the hop from the edge; none where requests are not signed. */
  readonly secrets: readonly string[];
  /** Undefined where no keys are known. */
  readonly keys?: KeyBook | undefined;
  /** This machine needs neither signature nor key. */
  readonly loopback: boolean;
}

const OPEN: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/** Lets in who may come in, and puts them into the context as `caller`. */
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
    // A key that is shown is always held to. Without keys the header is for something in front.
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

/** Throws `scope_missing` for a caller who may do none of these. */
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
