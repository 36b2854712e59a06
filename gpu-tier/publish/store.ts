/**
 * Where models are published to: an object store (R2) and a registry (KV), whichever way leads
 * there.
 * @module
 */
import type { FileDigest } from '../../shared/model/index.ts';

export interface PublishStore {
  /** For messages: "npm start at http://localhost:8787", "bucket hebb-models". */
  readonly description: string;
  /** Where the Worker of this store answers, if that is known. */
  readonly edge?: string;
  /** What lies at `key`, by reading all of it back; undefined when nothing does. */
  digest(key: string): Promise<FileDigest | undefined>;
  /**
   * Stores a file's content, whole or not at all.
   * @param onBytes told how many bytes are on their way, where that can be seen
   */
  put(key: string, file: StoredFile, onBytes?: (done: number) => void): Promise<void>;
  /** A text of the registry; undefined when the key is not there. */
  readKey(key: string): Promise<string | undefined>;
  writeKey(key: string, text: string): Promise<void>;
}

export interface StoredFile {
  readonly path: string;
  readonly bytes: number;
  readonly contentType: string;
}
