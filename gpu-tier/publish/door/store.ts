/**
 * Publishing through the door of a running `npm start`.
 * @module
 */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { HebbError } from '../../../shared/model/index.ts';
import type { PublishStore } from '../store.ts';
import { type Door, knock } from './knock.ts';

/** The store behind the door of the `npm start` that uses this state; undefined while none runs. */
export async function doorStore(
  state: string,
  fetcher: typeof fetch,
): Promise<PublishStore | undefined> {
  const door = await knock(state, fetcher);
  return door && storeOf(door);
}

function storeOf({ file: door, call }: Door): PublishStore {
  const ask = async (path: string, init?: RequestInit): Promise<Response> => {
    let response: Response;
    try {
      response = await call(path, init);
    } catch (cause) {
      throw failed('it no longer answers', cause);
    }
    if (response.ok || response.status === 404) return response;
    throw failed(`it answers ${response.status}: ${await response.text()}`);
  };
  const object = (key: string) => `/objects/${encodeURIComponent(key)}`;
  return {
    description: `npm start at ${door.edge}`,
    edge: door.edge,
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

async function* counted(path: string, onBytes: (done: number) => void) {
  let done = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    yield chunk;
    done += chunk.length;
    onBytes(done);
  }
}

const failed = (why: string, cause?: unknown) =>
  new HebbError('publish_failed', `npm start did not take it: ${why}.`, { cause });
