/**
 * How `hebb keys` creates and rotates keys. Only the hash of a key is stored, so the key itself is available
 * only when one of these functions returns it.
 * @module
 */

import { HebbError } from '@hebb/model';
import { keyDigest, newKey, newKeyId } from '@hebb/protocol/access/api-key';
import { isPast, type KeyRecord } from '@hebb/protocol/access/key-record';
import type { Scope } from '@hebb/protocol/access/scopes';

export interface MadeKey {
  /** `hebb_<id>_<secret>`, shown to the user once. */
  readonly key: string;
  readonly record: KeyRecord;
}

/** Valid secrets of one key: the newest, and those in their overlap. */
const MAX_SECRETS = 3;

export async function createKey(
  { name, scopes, lifeMs }: { name: string; scopes: readonly Scope[]; lifeMs?: number },
  now: Date,
): Promise<MadeKey> {
  const id = newKeyId();
  const key = newKey(id);
  const record: KeyRecord = {
    id,
    name,
    scopes,
    createdAt: now.toISOString(),
    ...(lifeMs !== undefined && { expiresAt: after(now, lifeMs) }),
    secrets: [{ sha256: await keyDigest(key) }],
  };
  return { key, record };
}

/**
 * A new key with the same id and scopes. The old one stays valid for `overlapMs`, or until its own end if
 * that is earlier. Throws `invalid_argument` for an expired key.
 * @param lifeMs lifetime of the new key; by default it expires when the old one would have
 */
export async function rotateKey(
  record: KeyRecord,
  { overlapMs, lifeMs }: { overlapMs: number; lifeMs?: number },
  now: Date,
): Promise<MadeKey> {
  if (isPast(record.expiresAt, now.getTime())) {
    throw new HebbError(
      'invalid_argument',
      `The key ${record.id} expired on ${record.expiresAt}.`,
      {
        hint: 'Create a new one with hebb keys create.',
      },
    );
  }
  const key = newKey(record.id);
  const until = after(now, overlapMs);
  // A longer life of the id must not prolong the life of the old secrets.
  const ends = [until, record.expiresAt].filter((time) => time !== undefined).sort();
  const before = record.secrets
    .map(({ sha256, until: end }) => ({ sha256, until: [...ends, end ?? ends[0]!].sort()[0]! }))
    .filter((secret) => !isPast(secret.until, now.getTime()));
  const secrets = [{ sha256: await keyDigest(key) }, ...before].slice(0, MAX_SECRETS);
  const expires = lifeMs === undefined ? {} : { expiresAt: after(now, lifeMs) };
  return { key, record: { ...record, ...expires, secrets } };
}

const after = (now: Date, ms: number): string => new Date(now.getTime() + ms).toISOString();

const SHORTEST_ID = 4;

/** The key whose id begins with `id`. Throws `key_not_found`, or `invalid_argument` if several do. */
export function findKey(records: readonly KeyRecord[], id: string): KeyRecord {
  const found = id.length >= SHORTEST_ID ? records.filter((key) => key.id.startsWith(id)) : [];
  if (found.length === 1) return found[0]!;
  const many = found.length > 1;
  const what = many ? `${found.length} keys begin with ${id}.` : `No key has the id ${id}.`;
  throw new HebbError(many ? 'invalid_argument' : 'key_not_found', what, {
    hint: `hebb keys list shows them. Give at least ${SHORTEST_ID} characters that only one id begins with.`,
  });
}
