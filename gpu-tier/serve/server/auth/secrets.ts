/**
 * Checks the configuration of access: secrets of the hop, and whether the tier would be open to a network.
 * @module
 */

import { HebbError } from '@hebb/model';
import { isLoopback } from '@hebb/protocol/access/loopback';
import { MIN_SECRET } from '@hebb/protocol/hop/signature';

/** Two, for rotation: first the tier gets both, then the edge gets the new one. */
const MOST = 2;

/** The secrets of HEBB_HOP_SECRET, separated by a comma; empty if it is not set. */
export function hopSecrets(text: string | undefined): string[] {
  const secrets = (text ?? '').split(',').filter((secret) => secret !== '');
  if (secrets.length > MOST || secrets.some(({ length }) => length < MIN_SECRET)) {
    throw new HebbError(
      'invalid_argument',
      `HEBB_HOP_SECRET must be one or two secrets of ${MIN_SECRET} characters or more.`,
      { hint: 'Create one: openssl rand -hex 32' },
    );
  }
  return secrets;
}

export interface Openness {
  /** True if callers are authenticated, by a secret of the hop or by API keys. */
  readonly closed: boolean;
  /** Requests from this machine need neither. */
  readonly loopback: boolean;
  /** A proxy in front authenticates callers. */
  readonly unsigned: boolean;
}

/** Throws `invalid_argument` if the tier would be open to a network without authentication. */
export function checkOpen(host: string, { closed, loopback, unsigned }: Openness): void {
  if (isLoopback(host)) return;
  if (loopback) {
    throw new HebbError(
      'invalid_argument',
      `--access loopback accepts this machine without a key, but --host ${host} is not a loopback address.`,
      { hint: 'Omit --access, and give clients keys: hebb serve --keys FILE' },
    );
  }
  if (closed || unsigned) return;
  throw new HebbError(
    'invalid_argument',
    `Anyone could use the tier: it would listen on ${host} without HEBB_HOP_SECRET or keys.`,
    {
      hint: 'Set HEBB_HOP_SECRET, give a file of keys with --keys, or use --unsigned behind a proxy that authenticates callers.',
    },
  );
}
