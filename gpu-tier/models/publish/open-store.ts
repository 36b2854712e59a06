/**
 * Chooses the way to the stores of models and API keys, and lets one process write at a time.
 * @module
 */
import { join } from 'node:path';
import { projectFolder } from '@hebb/packages/installed';
import { withLock } from '@hebb/packages/storage/lock';
import { stateLock } from './door/file.ts';
import { knock } from './door/knock.ts';
import { doorStores } from './door/store.ts';
import type { PublishStore, Stores } from './store.ts';
import { createWrangler } from './wrangler/run.ts';
import { wranglerStores } from './wrangler/store.ts';

export interface OpenStoreOptions {
  /** In the Cloudflare account that wrangler is logged in to. */
  readonly remote: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly fetch: typeof fetch;
  /** Called when another process holds the lock. */
  readonly onWait?: () => void;
}

/**
 * Where `npm start` keeps local R2 and KV: wrangler's `--persist-to`. HEBB_STATE names another folder.
 */
export const stateFolder = (env: OpenStoreOptions['env']): string =>
  env.HEBB_STATE || join(projectFolder(), '.wrangler', 'state');

/**
 * Runs `work` with the stores while it holds their lock. The way there: remotely wrangler; locally the
 * door of the `npm start` that runs, or wrangler on its state while none does.
 */
export async function withStores<T>(
  { remote, env, fetch, onWait }: OpenStoreOptions,
  work: (stores: Stores) => Promise<T>,
): Promise<T> {
  const state = stateFolder(env);
  const lock = remote ? join(state, 'hebb-remote.lock') : stateLock(state);
  const open = async (): Promise<Stores> => {
    const throughWrangler = (where: 'remote' | { readonly state: string }) =>
      wranglerStores({ wrangler: createWrangler(env), where });
    if (remote) return throughWrangler('remote');
    const door = await knock(state, fetch);
    return door ? doorStores(door) : throughWrangler({ state });
  };
  return await withLock(lock, async () => await work(await open()), { ...(onWait && { onWait }) });
}

/** `withStores`, for published models alone. */
export const withStore = <T>(
  options: OpenStoreOptions,
  work: (store: PublishStore) => Promise<T>,
): Promise<T> => withStores(options, async (stores) => await work(await stores.models()));
