import { idempotencyKey } from '../../shared/model/api/options.ts';
import { readParameter } from '../http/parameters.ts';

const NAME = 'Idempotency-Key';

/** `Idempotency-Key` of a request; undefined without one. */
export function idempotencyKeyOf(headers: Headers): string | undefined {
  const key = headers.get(NAME);
  return key === null ? undefined : readParameter(NAME, key, idempotencyKey);
}

/** What is stored of a caller's key: callers do not meet each other's. */
export async function idempotencyDigest(owner: string, key: string): Promise<string> {
  const bytes = new TextEncoder().encode(`${owner}\n${key}`);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
