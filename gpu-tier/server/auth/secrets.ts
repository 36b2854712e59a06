import { isIP } from 'node:net';
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

/** Without a secret only this machine may ask, unless something in front decides who may. */
export function checkOpen(host: string, secrets: readonly string[], unsigned: boolean): void {
  if (secrets.length > 0 || unsigned || isLoopback(host)) return;
  throw new HebbError(
    'invalid_argument',
    `Listening on ${host} without HEBB_HOP_SECRET, anyone could use the tier.`,
    { hint: 'Set HEBB_HOP_SECRET, or say --unsigned when a proxy lets in only whom it knows.' },
  );
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
