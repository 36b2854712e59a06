/**
 * Who may do what. HEBB_ACCESS is one of:
 *
 *     keys        every request needs a key; the default
 *     public      classifying needs no key, everything else does
 *     loopback    requests from this machine need no key, all others do; `npm start` sets it
 *
 * A key that is sent is checked in every mode.
 * @module
 */

import { HebbError } from '@hebb/model/errors';
import { isFromThisMachine } from '@hebb/protocol/access/loopback';
import { mayDo, SCOPES, type Scope } from '@hebb/protocol/access/scopes';
import type { KeyRing } from './key-ring.ts';
import type { Origins } from './origins.ts';
import { callerAddress, countRequest, type RateLimiter } from './rate-limit.ts';

export const ACCESS_MODES = ['keys', 'public', 'loopback'] as const;

export interface AccessOptions {
  /** HEBB_ACCESS as it is set; any value but the modes above refuses every request. */
  readonly mode: string;
  readonly keys: KeyRing;
  readonly origins: Origins;
  readonly limiter: RateLimiter | undefined;
}

export interface Caller {
  /** The key's id; `local` for this machine, `anonymous` where classifying needs no key. */
  readonly id: string;
  readonly scopes: readonly Scope[];
}

const LOCAL: Caller = { id: 'local', scopes: SCOPES };
const ANONYMOUS: Caller = { id: 'anonymous', scopes: ['classify'] };

export class Access {
  readonly #options: AccessOptions;

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  /** Whether a web page of this origin may call and read the answer. */
  allowsOrigin(origin: string): boolean {
    return this.#options.origins.allows(origin);
  }

  /**
   * The caller, if it has the scope. Throws `key_required`, `key_invalid`, `scope_missing`,
   * `origin_refused`, `rate_limited`, `keys_unreadable`.
   */
  async admit(request: Request, wanted: Scope): Promise<Caller> {
    const { mode, limiter } = this.#options;
    if (!(ACCESS_MODES as readonly string[]).includes(mode)) throw misconfigured(mode);
    const key = bearerToken(request.headers);
    if (key !== undefined) return await this.#byKey(request, key, wanted);
    if (mode === 'loopback' && isFromThisMachine(request)) return this.#local(request.headers);
    if (mode === 'public' && wanted === 'classify') {
      await countRequest(limiter, `address:${callerAddress(request.headers)}`);
      return ANONYMOUS;
    }
    throw new HebbError('key_required', `This needs a key with the scope ${wanted}.`);
  }

  async #byKey({ headers }: Request, key: string, wanted: Scope): Promise<Caller> {
    const { keys, limiter } = this.#options;
    const { id, scopes } = await keys.verify(key, () =>
      countRequest(limiter, `lookup:${callerAddress(headers)}`),
    );
    await countRequest(limiter, `key:${id}`);
    if (mayDo(scopes, wanted)) return { id, scopes };
    throw new HebbError(
      'scope_missing',
      `The key ${id} has ${scopes.length > 0 ? `the scope ${scopes.join(', ')}` : 'no scope'}; this needs ${wanted}.`,
    );
  }

  /** Browsers send the page's origin: a page of another site must not act as this machine's user. */
  #local(headers: Headers): Caller {
    const origin = headers.get('origin');
    if (origin === null || this.allowsOrigin(origin)) return LOCAL;
    throw new HebbError(
      'origin_refused',
      `Pages of ${origin.slice(0, 200)} may not call this service.`,
    );
  }
}

/** `Authorization: Bearer KEY` (RFC 6750); undefined without such a header. */
function bearerToken(headers: Headers): string | undefined {
  const header = headers.get('authorization');
  if (header === null) return undefined;
  const key = /^Bearer +(\S+) *$/i.exec(header)?.[1];
  if (key !== undefined) return key;
  throw new HebbError('key_invalid', 'The header Authorization is not of the form "Bearer KEY".');
}

const misconfigured = (mode: string) =>
  new HebbError('internal', `HEBB_ACCESS is "${mode}".`, {
    hint: `Set it to one of ${ACCESS_MODES.join(', ')}, or leave it out.`,
  });
