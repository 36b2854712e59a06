/**
 * What `hebb keys` does to the record of a key. A key is stored as its hash, so each of these is the
 * only moment at which the key itself is to be had.
 * @module
 */
import { keyDigest, newKey, newKeyId } from '../../shared/model/access/api-key.ts';
import { isPast, type KeyRecord } from '../../shared/model/access/key-record.ts';
import type { Scope } from '../../shared/model/access/scopes.ts';
import { HebbError } from '../../shared/model/index.ts';

export interface MadeKey {
  /** `hebb_<id>_<secret>`, to be shown once. */
  readonly key: string;
  readonly record: KeyRecord;
}

/** Of one key at a time; more would be rotations that nobody waits for. */
const MAX_SECRETS = 3;

export async function createKey(
  { name, scopes, lifeMs }: { name: string; scopes: readonly Scope[]; lifeMs?: number },
  now: Date,
): Promise<MadeKey> {
  const id = newKeyId();
  const key = newKey(id);
  const record: KeyRecord = {
    ...{ id, name, scopes, createdAt: now.toISOString() },
    ...(lifeMs !== undefined && { expiresAt: after(now, lifeMs) }),
    secrets: [{ sha256: await keyDigest(key) }],
  };
  return { key, record };
}

/**
 * A new key of the same id and scopes. The one before goes on for `overlapMs`, or until it would have
 * ended anyway. Throws `invalid_argument` for a key that has ended.
 * @param lifeMs how long the new one is good; as long as the id was, without it
 */
export async function rotateKey(
  record: KeyRecord,
  { overlapMs, lifeMs }: { overlapMs: number; lifeMs?: number },
  now: Date,
): Promise<MadeKey> {
  if (isPast(record.expiresAt, now.getTime())) {
    throw new HebbError('invalid_argument', `The key ${record.id} ended on ${record.expiresAt}.`, {
      hint: 'Make a new one with hebb keys create.',
    });
  }
  const key = newKey(record.id);
  const until = after(now, overlapMs);
  // The old ones must not live longer because the id does now.
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

/** The key whose id begins so. Throws `key_not_found`, `invalid_argument`. */
export function findKey(records: readonly KeyRecord[], id: string): KeyRecord {
  const found = id.length >= SHORTEST_ID ? records.filter((key) => key.id.startsWith(id)) : [];
  if (found.length === 1) return found[0]!;
  const many = found.length > 1;
  const what = many ? `${found.length} keys begin with ${id}.` : `No key has the id ${id}.`;
  throw new HebbError(many ? 'invalid_argument' : 'key_not_found', what, {
    hint: `hebb keys list shows them; ${SHORTEST_ID} characters or more that only one has will do.`,
  });
}
