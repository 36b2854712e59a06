import { isLoopback } from '../../../shared/model/access/loopback.ts';
import { MIN_SECRET } from '../../../shared/model/hop/signature.ts';
import { HebbError } from '../../../shared/model/index.ts';

/** Two, so that the secret can be changed: first the tier knows both, then the edge takes the new. */
const MOST = 2;

/** The secrets of HEBB_HOP_SECRET, with a comma between two; none where it is not set. */
export function hopSecrets(text: string | undefined): string[] {
  const secrets = (text ?? '').split(',').filter((secret) => secret !== '');
  if (secrets.length > MOST || secrets.some(({ length }) => length < MIN_SECRET)) {
    throw new HebbError(
      'invalid_argument',
      `HEBB_HOP_SECRET must be one or two secrets of ${MIN_SECRET} characters or more.`,
      { hint: 'Make one: openssl rand -hex 32' },
    );
  }
  return secrets;
}

export interface Openness {
  /** Whether there is something to tell callers by: a secret of the hop, or API keys. */
  readonly closed: boolean;
  /** This machine needs neither. */
  readonly loopback: boolean;
  /** Something in front decides who may ask. */
  readonly unsigned: boolean;
}

/** Without secret and keys only this machine may ask, unless something in front decides who may. */
export function checkOpen(host: string, { closed, loopback, unsigned }: Openness): void {
  if (isLoopback(host)) return;
  if (loopback) {
    throw new HebbError(
      'invalid_argument',
      `--access loopback lets this machine in without a key, but --host ${host} is no loopback address.`,
      { hint: 'Leave out --access, and give clients keys: hebb serve --keys FILE' },
    );
  }
  if (closed || unsigned) return;
  throw new HebbError(
    'invalid_argument',
    `Listening on ${host} without HEBB_HOP_SECRET, anyone could use the tier.`,
    {
      hint: 'Set HEBB_HOP_SECRET, name a file of keys with --keys, or say --unsigned when a proxy lets in only whom it knows.',
    },
  );
}
