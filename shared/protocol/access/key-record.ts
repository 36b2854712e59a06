/**
 * The record of an API key in the KV namespace KEYS, under `key:<id>`: the command line writes it,
 * Workers read it.
 * @module
 */
import { isKeyId } from './api-key.ts';
import { isScope, type Scope } from './scopes.ts';

export interface KeyRecord {
  readonly id: string;
  /** Name of the key's owner, for people. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** ISO 8601, like all times here. */
  readonly createdAt: string;
  /** Time of expiry; absent if the key does not expire. */
  readonly expiresAt?: string;
  /** Newest first. After a rotation the previous secret stays valid until its `until`. */
  readonly secrets: readonly KeySecret[];
}

export interface KeySecret {
  /** Of the whole key, 64 hexadecimal digits. */
  readonly sha256: string;
  /** Time of expiry, if the secret expires before the key. */
  readonly until?: string;
}

export const KEY_PREFIX = 'key:';
export const recordName = (id: string): string => `${KEY_PREFIX}${id}`;

/** A record from its JSON; undefined for anything else. An unreadable record admits no one. */
export function parseKeyRecord(text: string): KeyRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isKeyRecord(value) ? value : undefined;
}

export function isKeyRecord(value: unknown): value is KeyRecord {
  const record = value as Partial<KeyRecord> | null;
  return (
    typeof record === 'object' &&
    record !== null &&
    typeof record.id === 'string' &&
    isKeyId(record.id) &&
    typeof record.name === 'string' &&
    isTime(record.createdAt) &&
    (record.expiresAt === undefined || isTime(record.expiresAt)) &&
    Array.isArray(record.scopes) &&
    record.scopes.every((scope: unknown) => typeof scope === 'string' && isScope(scope)) &&
    Array.isArray(record.secrets) &&
    record.secrets.every(isSecret)
  );
}

function isSecret(value: unknown): value is KeySecret {
  const secret = value as Partial<KeySecret> | null;
  return (
    /^[0-9a-f]{64}$/.test(String(secret?.sha256)) &&
    (secret?.until === undefined || isTime(secret.until))
  );
}

const isTime = (value: unknown): value is string =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value));

/**
 * Whether the digest is one of the key's valid secrets at this time. It compares all secrets in constant time.
 * @param now ms since 1970
 */
export function opens(record: KeyRecord, sha256: string, now: number): boolean {
  let open = false;
  for (const secret of record.secrets) {
    const good = equalDigests(secret.sha256, sha256);
    if (good && !isPast(secret.until, now)) open = true;
  }
  return open && !isPast(record.expiresAt, now);
}

export const isPast = (time: string | undefined, now: number): boolean =>
  time !== undefined && Date.parse(time) <= now;

function equalDigests(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
