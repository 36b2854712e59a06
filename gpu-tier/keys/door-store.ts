import { isKeyRecord } from '../../shared/model/access/key-record.ts';
import { HebbError } from '../../shared/model/index.ts';
import type { Door } from '../publish/door/knock.ts';
import type { KeyStore } from './store.ts';

/** The keys of a running `npm start`, through its door. */
export function doorKeyStore({ file, call }: Door): KeyStore {
  const ask = async (path: string, init?: RequestInit): Promise<Response> => {
    const response = await call(path, init).catch((cause: unknown) => {
      throw failed('it no longer answers', cause);
    });
    if (response.ok) return response;
    throw failed(`it answers ${response.status}: ${await response.text()}`);
  };
  return {
    description: `npm start at ${file.edge}`,
    async list() {
      const records = (await (await ask('/access')).json()) as unknown[];
      return records.filter(isKeyRecord);
    },
    async put(record) {
      await ask(`/access/${record.id}`, { method: 'PUT', body: JSON.stringify(record) });
    },
    async remove(id) {
      await ask(`/access/${id}`, { method: 'DELETE' });
    },
  };
}

const failed = (why: string, cause?: unknown) =>
  new HebbError('keys_not_stored', `npm start did not take it: ${why}.`, { cause });
