import type { KeyRecord } from '../../shared/model/access/key-record.ts';

/** Where API keys are stored: the KV namespace KEYS, whichever way leads there. */
export interface KeyStore {
  /** For messages: "npm start at http://localhost:8787". */
  readonly description: string;
  /** Every key, in no order. */
  list(): Promise<KeyRecord[]>;
  /** Stores a key, or what has become of it. */
  put(record: KeyRecord): Promise<void>;
  remove(id: string): Promise<void>;
}
