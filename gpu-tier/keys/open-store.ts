/**
 * Chooses the way to the keys, and lets one in at a time, as for publishing.
 * @module
 */
import { join } from 'node:path';
import { withLock } from '../native/lock.ts';
import { stateLock } from '../publish/door/file.ts';
import { knock } from '../publish/door/knock.ts';
import { type OpenStoreOptions, stateFolder } from '../publish/open-store.ts';
import { createWrangler } from '../publish/wrangler/run.ts';
import { doorKeyStore } from './door-store.ts';
import { fileKeyStore } from './file-store.ts';
import type { KeyStore } from './store.ts';
import { wranglerKeyStore } from './wrangler-store.ts';

export interface OpenKeysOptions extends OpenStoreOptions {
  /** Of keys, in place of the others. */
  readonly file?: string;
}

/**
 * Runs `work` with the keys: of a file; locally through the door of the `npm start` that runs, or with wrangler
 * on its state while none does; remotely with wrangler.
 */
export async function withKeyStore<T>(
  { remote, env, fetch, onWait, file }: OpenKeysOptions,
  work: (store: KeyStore) => Promise<T>,
): Promise<T> {
  if (file !== undefined) {
    const inFile = async () => await work(fileKeyStore(file));
    return await withLock(`${file}.lock`, inFile, { ...(onWait && { onWait }) });
  }
  const state = stateFolder(env);
  const lock = remote ? join(state, 'hebb-remote.lock') : stateLock(state);
  const open = async (): Promise<KeyStore> => {
    const wrangler = createWrangler(env);
    if (remote) return wranglerKeyStore({ wrangler, where: 'remote' });
    const door = await knock(state, fetch);
    return door ? doorKeyStore(door) : wranglerKeyStore({ wrangler, where: { state } });
  };
  return await withLock(lock, async () => await work(await open()), { ...(onWait && { onWait }) });
}
