import { HebbError } from '../../shared/model/errors.ts';

const MAX_CHARACTERS = 255;

/** `Idempotency-Key` of a request; undefined without one. */
export function idempotencyKeyOf(headers: Headers): string | undefined {
  const key = headers.get('idempotency-key');
  if (key === null) return undefined;
  if (key !== '' && key.length <= MAX_CHARACTERS) return key;
  throw new HebbError(
    'invalid_argument',
    `Idempotency-Key has ${key.length} characters; it must have 1 to ${MAX_CHARACTERS}.`,
  );
}

/** What is stored of a caller's key: callers do not meet each other's. */
export async function idempotencyDigest(owner: string, key: string): Promise<string> {
  const bytes = new TextEncoder().encode(`${owner}\n${key}`);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
