import { withLock } from '@hebb/packages/storage/lock';
import { type OpenStoreOptions, withStores } from '../publish/open-store.ts';
import type { KeyStore } from '../publish/store.ts';
import { fileKeyStore } from './file-store.ts';

export interface OpenKeysOptions extends OpenStoreOptions {
  /** A file of keys, which is used instead of the namespace KEYS. */
  readonly file?: string;
}

/** Runs `work` with the API keys of a file, or of the stores (`withStores`), while it holds their lock. */
export async function withKeyStore<T>(
  options: OpenKeysOptions,
  work: (store: KeyStore) => Promise<T>,
): Promise<T> {
  const { file, onWait } = options;
  if (file === undefined) return await withStores(options, (stores) => work(stores.keys()));
  const inFile = () => work(fileKeyStore(file));
  return await withLock(`${file}.lock`, inFile, { ...(onWait && { onWait }) });
}
