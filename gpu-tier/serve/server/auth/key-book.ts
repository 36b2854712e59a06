/**
 * Verifies API keys of clients, from a file, the environment, or `npm start`.
 * @module
 */
import { readFile, stat } from 'node:fs/promises';
import { HebbError } from '@hebb/model';
import { parseKeyRecords } from '@hebb/models/keys/file-store';
import { keyDigest, keyIdOf } from '@hebb/protocol/access/api-key';
import { type KeyRecord, opens } from '@hebb/protocol/access/key-record';
import type { Log } from '../../observability/log.ts';

/** Returns all keys of a source; rejects if they cannot be read. */
export type KeySource = () => Promise<readonly KeyRecord[]>;

export interface KeyBook {
  /** The record of a valid key. Throws `key_invalid` or `keys_unreadable`. */
  verify(key: string): Promise<KeyRecord>;
}

/** How long records are cached, ms; a revoked key stays valid that long. */
const MAX_AGE_MS = 1000;

export interface KeyBookOptions {
  readonly sources: readonly KeySource[];
  /** Milliseconds since 1970, to compare with expiry dates. */
  readonly now: () => number;
  readonly log: Log;
}

export function createKeyBook({ sources, now, log }: KeyBookOptions): KeyBook {
  let current: { readonly records: Promise<KeyRecord[]>; readonly readAt: number } | undefined;
  let unreadable = false;

  async function read(): Promise<KeyRecord[]> {
    try {
      const records = (await Promise.all(sources.map((source) => source()))).flat();
      if (unreadable) log('info', 'keys_readable');
      unreadable = false;
      return records;
    } catch (cause) {
      const reason = (cause as Error).message;
      if (!unreadable) log('error', 'keys_unreadable', { reason });
      unreadable = true;
      // Keys that were read earlier are not used: they may have been revoked since.
      throw new HebbError('keys_unreadable', 'The API keys cannot be read at present.', { cause });
    }
  }

  return {
    async verify(key) {
      const id = keyIdOf(key);
      if (id === undefined) {
        throw new HebbError('key_invalid', 'This is not an API key of Hebb.');
      }
      if (!current || now() - current.readAt >= MAX_AGE_MS) {
        current = { records: read(), readAt: now() };
      }
      const record = (await current.records).find((one) => one.id === id);
      const digest = await keyDigest(key);
      if (record && opens(record, digest, now())) return record;
      throw new HebbError('key_invalid', `The key ${id} is not valid here, or no longer.`);
    },
  };
}

/** The keys of a file that `hebb keys --file` wrote; the file is read again when it has changed. */
export function keysOfFile(file: string): KeySource {
  let known: { readonly stamp: string; readonly records: readonly KeyRecord[] } | undefined;
  return async () => {
    const { ino, size, mtimeMs } = await stat(file);
    const stamp = [ino, size, mtimeMs].join();
    if (known?.stamp !== stamp) {
      known = { stamp, records: parseKeyRecords(await readFile(file, 'utf8'), file) };
    }
    return known.records;
  };
}
