/**
 * Chooses the way to the store, and lets one publisher in at a time.
 * @module
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from '../native/lock.ts';
import { stateLock } from './door/file.ts';
import { doorStore } from './door/store.ts';
import type { PublishStore } from './store.ts';
import { createWrangler } from './wrangler/run.ts';
import { wranglerStore } from './wrangler/store.ts';

export interface OpenStoreOptions {
  /** To the Cloudflare account that wrangler is logged in to. */
  readonly remote: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly fetch: typeof fetch;
  /** Called when another publisher is at work. */
  readonly onWait?: () => void;
}

/**
 * Where `npm start` keeps local R2 and KV: what wrangler calls `--persist-to`. HEBB_STATE names
 * another folder.
 */
export const stateFolder = (env: OpenStoreOptions['env']): string =>
  env.HEBB_STATE || fileURLToPath(new URL('../../.wrangler/state', import.meta.url));

/**
 * Runs `work` with the store, alone: locally through the door of the `npm start` that runs, or
 * with wrangler on its state while none does; remotely with wrangler.
 */
export async function withStore<T>(
  options: OpenStoreOptions,
  work: (store: PublishStore) => Promise<T>,
): Promise<T> {
  const { remote, env, onWait } = options;
  const state = stateFolder(env);
  const lock = remote ? join(state, 'hebb-remote.lock') : stateLock(state);
  const open = async (): Promise<PublishStore> => {
    const wrangler = createWrangler(env);
    if (remote) return await wranglerStore({ wrangler, where: 'remote' });
    const door = await doorStore(state, options.fetch);
    return door ?? (await wranglerStore({ wrangler, where: { state } }));
  };
  return await withLock(lock, async () => await work(await open()), { ...(onWait && { onWait }) });
}
