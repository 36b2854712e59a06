/**
 * The models and the API keys of a running `npm start`, through its door.
 * @module
 */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { type ErrorCode, HebbError } from '@hebb/model';
import { isKeyRecord } from '@hebb/protocol/access/key-record';
import type { KeyStore, PublishStore, Stores } from '../store.ts';
import type { Door } from './knock.ts';

export const doorStores = (door: Door): Stores => ({
  models: async () => modelStore(door),
  keys: () => keyStore(door),
});

const descriptionOf = ({ file }: Door): string => `npm start at ${file.edge}`;

function modelStore(door: Door): PublishStore {
  const ask = asking(door, 'publish_failed', [404]);
  const object = (key: string) => `/objects/${encodeURIComponent(key)}`;
  return {
    description: descriptionOf(door),
    edge: door.file.edge,
    async digest(key) {
      const { status, headers } = await ask(object(key), { method: 'HEAD' });
      if (status === 404) return undefined;
      return { bytes: Number(headers.get('content-length')), sha256: headers.get('x-sha256')! };
    },
    async put(key, { path, bytes, contentType }, onBytes = () => {}) {
      const body = Readable.toWeb(Readable.from(counted(path, onBytes)));
      const headers = { 'Content-Type': contentType, 'Content-Length': String(bytes) };
      await ask(object(key), { method: 'PUT', headers, body, duplex: 'half' } as RequestInit);
    },
    async readKey(key) {
      const response = await ask(`/keys/${encodeURIComponent(key)}`);
      return response.status === 404 ? undefined : await response.text();
    },
    async writeKey(key, text) {
      await ask(`/keys/${encodeURIComponent(key)}`, { method: 'PUT', body: text });
    },
  };
}

function keyStore(door: Door): KeyStore {
  const ask = asking(door, 'keys_not_stored');
  return {
    description: descriptionOf(door),
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

/**
 * Calls the door; a failed call and a status that is not expected are errors.
 * @param code of those errors
 * @param expected statuses beside 2xx that are answers
 */
function asking({ call }: Door, code: ErrorCode, expected: readonly number[] = []) {
  const failed = (why: string, cause?: unknown) =>
    new HebbError(code, `npm start did not take it: ${why}.`, { cause });
  return async (path: string, init?: RequestInit): Promise<Response> => {
    const response = await call(path, init).catch((cause: unknown) => {
      throw failed('it no longer answers', cause);
    });
    if (response.ok || expected.includes(response.status)) return response;
    throw failed(`it answers ${response.status}: ${await response.text()}`);
  };
}

async function* counted(path: string, onBytes: (done: number) => void) {
  let done = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    yield chunk;
    done += chunk.length;
    onBytes(done);
  }
}
