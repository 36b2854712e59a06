/**
 * Checks API keys against their records in KV.
 * @module
 */

import { HebbError } from '@hebb/model/errors';
import { keyDigest, keyIdOf } from '@hebb/protocol/access/api-key';
import {
  type KeyRecord,
  opens,
  parseKeyRecord,
  recordName,
} from '@hebb/protocol/access/key-record';
import type { KeyValueStore } from '../models/registry.ts';

export interface KeyRingOptions {
  readonly store: KeyValueStore;
  /** How long a record is cached, ms: a revoked key may work for that long. */
  readonly maxAgeMs: number;
  /** Ms since 1970: keys expire. */
  readonly now: () => number;
}

interface Known {
  readonly record: KeyRecord | undefined;
  readonly readAt: number;
}

/** Seconds that KV may answer from its own cache; 30 is the minimum. */
const CACHE_TTL = 30;

/** Most ids in the cache, those without a record included; the oldest is evicted first. */
const MAX_CACHED = 1000;

export class KeyRing {
  readonly #options: KeyRingOptions;
  readonly #known = new Map<string, Known>();

  constructor(options: KeyRingOptions) {
    this.#options = options;
  }

  /**
   * The record of a key. Throws `key_invalid`, or `keys_unreadable` when KV does not answer: an
   * expired cache entry admits no request.
   * @param beforeRead called before KV is read, which made-up keys can provoke: limit the rate there
   */
  async verify(key: string, beforeRead: () => Promise<void>): Promise<KeyRecord> {
    const id = keyIdOf(key);
    if (id === undefined) {
      throw new HebbError('key_invalid', 'The key is not a Hebb API key.');
    }
    const record = await this.#record(id, beforeRead);
    const digest = await keyDigest(key);
    if (record && opens(record, digest, this.#options.now())) return record;
    throw new HebbError('key_invalid', `The key ${id} is unknown, revoked or expired.`);
  }

  async #record(id: string, beforeRead: () => Promise<void>): Promise<KeyRecord | undefined> {
    const { maxAgeMs, now } = this.#options;
    const known = this.#known.get(id);
    if (known && now() - known.readAt < maxAgeMs) return known.record;
    await beforeRead();
    const record = await this.#read(id);
    this.#known.delete(id); // a Map keeps the order of insertion
    this.#known.set(id, { record, readAt: now() });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_CACHED) this.#known.delete(oldest!);
    return record;
  }

  async #read(id: string): Promise<KeyRecord | undefined> {
    const options = { type: 'text', cacheTtl: CACHE_TTL } as const;
    const text = await this.#options.store.get(recordName(id), options).catch((cause: unknown) => {
      throw new HebbError('keys_unreadable', 'The API keys cannot be read at the moment.', {
        cause,
      });
    });
    const record = text === null ? undefined : parseKeyRecord(text);
    return record?.id === id ? record : undefined;
  }
}
