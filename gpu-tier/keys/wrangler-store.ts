/**
 * The keys by wrangler's own commands. A record lies in the value, which Workers read, and once more
 * in the metadata, which comes with the list. Of a key only its hash is on a command line.
 * @module
 */
import { isKeyRecord, KEY_PREFIX, recordName } from '../../shared/model/access/key-record.ts';
import { HebbError } from '../../shared/model/index.ts';
import { wranglerError } from '../publish/wrangler/errors.ts';
import { WRANGLER_CONFIG, type Wrangler, type WranglerResult } from '../publish/wrangler/run.ts';
import type { KeyStore } from './store.ts';

/** Binding of wrangler.toml. */
const KEYS = 'KEYS';

export interface WranglerKeyStoreOptions {
  readonly wrangler: Wrangler;
  /** `remote`, or the folder of the local state. */
  readonly where: 'remote' | { readonly state: string };
}

export function wranglerKeyStore({ wrangler, where }: WranglerKeyStoreOptions): KeyStore {
  const place = where === 'remote' ? ['--remote'] : ['--local', '--persist-to', where.state];
  const common = ['--binding', KEYS, '--config', WRANGLER_CONFIG, ...place];
  const command = async (...args: string[]) => {
    const result = await wrangler(['kv', 'key', ...args, ...common]);
    if (result.code !== 0) throw keysError(result);
    return result.stdout;
  };
  return {
    description:
      where === 'remote' ? 'the namespace KEYS of your account' : 'the local namespace KEYS',
    async list() {
      const text = await command('list', '--prefix', KEY_PREFIX);
      const entries = JSON.parse(text) as { readonly metadata?: unknown }[];
      return entries.map(({ metadata }) => metadata).filter(isKeyRecord);
    },
    async put(record) {
      const json = JSON.stringify(record);
      await command('put', recordName(record.id), json, '--metadata', json);
    },
    async remove(id) {
      await command('delete', recordName(id));
    },
  };
}

/** wrangler's error, said of keys instead of models. */
function keysError(result: WranglerResult): HebbError {
  const error = wranglerError(result);
  if (error.code !== 'publish_failed') return error;
  const known = error.hint.includes('npm run deploy');
  return new HebbError('keys_not_stored', error.message, {
    ...(known && { hint: error.hint }),
    cause: error.cause,
  });
}
