import { sha256Text } from '@hebb/model/package/manifest';
import { idempotencyKey } from '@hebb/protocol/api/options';
import { readParameter } from '../http/parameters.ts';

const NAME = 'Idempotency-Key';

/** The header `Idempotency-Key`; undefined without one. */
export function idempotencyKeyOf(headers: Headers): string | undefined {
  const key = headers.get(NAME);
  return key === null ? undefined : readParameter(NAME, key, idempotencyKey);
}

/** The key as it is stored: a digest with the caller, so that keys of two callers never collide. */
export const idempotencyDigest = (owner: string, key: string): Promise<string> =>
  sha256Text(`${owner}\n${key}`);
