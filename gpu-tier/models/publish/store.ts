/**
 * What `hebb publish` and `hebb keys` write to: the R2 bucket and the KV namespaces of a Worker.
 * @module
 */

import type { FileDigest } from '@hebb/model';
import type { KeyRecord } from '@hebb/protocol/access/key-record';

/** One way to them: the door of a running `npm start`, or wrangler's commands. */
export interface Stores {
  /** Throws `publish_failed` when wrangler.toml names no bucket. */
  models(): Promise<PublishStore>;
  keys(): KeyStore;
}

/** Published models: an object store (the bucket MODELS) and a registry (the namespace REGISTRY). */
export interface PublishStore {
  /** For messages: "npm start at http://localhost:8787", "bucket hebb-models". */
  readonly description: string;
  /** Address of the Worker that reads this store, if it is known. */
  readonly edge?: string;
  /** Size and digest of the object at `key`, by reading all of it; undefined when there is none. */
  digest(key: string): Promise<FileDigest | undefined>;
  /**
   * Stores a file's content, whole or not at all.
   * @param onBytes called with the number of bytes sent so far, where that can be observed
   */
  put(key: string, file: StoredFile, onBytes?: (done: number) => void): Promise<void>;
  /** A text of the registry; undefined when it has no such key. */
  readKey(key: string): Promise<string | undefined>;
  writeKey(key: string, text: string): Promise<void>;
}

export interface StoredFile {
  readonly path: string;
  readonly bytes: number;
  readonly contentType: string;
}

/** API keys: the namespace KEYS, or a file. All methods throw `keys_not_stored`. */
export interface KeyStore {
  /** For messages: "npm start at http://localhost:8787". */
  readonly description: string;
  /** All keys, in no particular order. */
  list(): Promise<KeyRecord[]>;
  /** Stores a key; replaces the record with the same id. */
  put(record: KeyRecord): Promise<void>;
  remove(id: string): Promise<void>;
}
