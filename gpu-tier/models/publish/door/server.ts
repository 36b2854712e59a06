/**
 * The door of `npm start`: an HTTP server on the loopback address, beside the Worker, through which
 * `hebb publish` and `hebb keys` write to the local R2 and KV. Only this process may write there: two
 * processes on one state folder get SQLITE_BUSY, and readers see objects vanish (docs/publishing.md).
 *
 *     GET  /                   identity: {"edge": "http://localhost:8787", "state": "2049:1234"}
 *     HEAD /objects/KEY        its size and sha256, computed from all its bytes
 *     GET  /objects/KEY        its bytes
 *     PUT  /objects/KEY        stores the body
 *     GET, PUT /keys/KEY       a text of the registry
 *     GET      /access         the records of all API keys
 *     PUT, DELETE /access/ID   stores or removes one
 *
 * Each call carries the token (else 401) and the identity of the state folder in `X-Hebb-State` (else 421).
 *
 * @module
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KEY_PREFIX, parseKeyRecord, recordName } from '@hebb/protocol/access/key-record';
import { type DoorFile, removeDoorFile, writeDoorFile } from './file.ts';
import { type ProcessMark, processMark, stateIdentity } from './identity.ts';
import { type DoorAnswer, STATE_HEADER } from './knock.ts';

/** The part of Miniflare's R2 bucket that the door needs. */
export interface DoorBucket {
  get(key: string): Promise<{ arrayBuffer(): Promise<ArrayBuffer> } | null>;
  put(
    key: string,
    value: ArrayBuffer,
    options: { httpMetadata: { contentType: string } },
  ): Promise<unknown>;
}

/** The part of Miniflare's KV namespace that API keys need. */
export interface DoorKeys {
  get(key: string): Promise<string | null>;
  put(key: string, value: string, options: { metadata: unknown }): Promise<void>;
  delete(key: string): Promise<void>;
  list(options: { prefix: string; cursor?: string }): Promise<{
    readonly keys: readonly { readonly name: string }[];
    readonly list_complete: boolean;
    readonly cursor?: string;
  }>;
}

/** The part of Miniflare's KV namespace that the registry needs. */
export interface DoorRegistry {
  get(key: string): Promise<string | null>;
  put(key: string, value: string): Promise<void>;
}

export interface DoorOptions {
  /** The state folder, which gets the door's file. */
  readonly state: string;
  /** Address of the Worker. */
  readonly edge: string;
  readonly bucket: DoorBucket;
  readonly registry: DoorRegistry;
  /** Other processes that have the state's files open. */
  readonly runtimes?: readonly ProcessMark[];
  /** Undefined in tests without API keys. */
  readonly keys?: DoorKeys;
}

/** Opens the door and writes its file; `close` of the result undoes both. */
export async function openDoor(options: DoorOptions): Promise<{ close(): Promise<void> }> {
  const token = randomBytes(32).toString('hex');
  const state = await stateIdentity(options.state);
  const server = createServer((request, response) => {
    answer(request, response, { token, state }, options).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const door: DoorFile = {
    url: `http://127.0.0.1:${port}`,
    token,
    edge: options.edge,
    state,
    holder: await processMark(process.pid),
    runtimes: options.runtimes ?? [],
  };
  await writeDoorFile(options.state, door);
  return {
    async close() {
      await removeDoorFile(options.state, door);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { token, state }: { readonly token: string; readonly state: string },
  { edge, bucket, registry, keys }: DoorOptions,
): Promise<void> {
  if (!shows(request, token)) return void response.writeHead(401).end();
  if (request.headers[STATE_HEADER.toLowerCase()] !== state)
    return void response.writeHead(421).end();
  const access = /^\/access(?:\/([0-9a-f]+))?$/.exec(request.url ?? '');
  if (access && keys) return await answerAccess(request, response, keys, access[1]);
  const [, kind, key] = /^\/(?:(objects|keys)\/(.+))?$/.exec(request.url ?? '') ?? [];
  const route = `${request.method} ${kind ?? request.url}`;
  if (route === 'GET /')
    return void response.end(JSON.stringify({ edge, state } satisfies DoorAnswer));
  if (!kind || !key) return void response.writeHead(404).end();
  const name = decodeURIComponent(key);
  if (route === 'GET keys') {
    const text = await registry.get(name);
    response.writeHead(text === null ? 404 : 200).end(text ?? '');
  } else if (route === 'PUT keys') {
    await registry.put(name, Buffer.from(await readBody(request)).toString('utf8'));
    response.writeHead(204).end();
  } else if (route === 'GET objects' || route === 'HEAD objects') {
    const object = await bucket.get(name);
    if (!object) return void response.writeHead(404).end();
    const bytes = Buffer.from(await object.arrayBuffer());
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    response.writeHead(200, { 'Content-Length': bytes.length, 'X-Sha256': sha256 });
    response.end(request.method === 'HEAD' ? undefined : bytes);
  } else if (route === 'PUT objects') {
    const contentType = request.headers['content-type'] ?? 'application/octet-stream';
    await bucket.put(name, await readBody(request), { httpMetadata: { contentType } });
    response.writeHead(204).end();
  } else {
    response.writeHead(405).end();
  }
}

/** `/access` and `/access/ID`: API keys, for `hebb keys`. */
async function answerAccess(
  request: IncomingMessage,
  response: ServerResponse,
  keys: DoorKeys,
  id: string | undefined,
): Promise<void> {
  const { method } = request;
  if (id === undefined && method === 'GET') {
    const names = await allNames(keys);
    const texts = await Promise.all(names.map((name) => keys.get(name)));
    const records = texts.flatMap((text) => (text && parseKeyRecord(text)) || []);
    response.end(JSON.stringify(records));
  } else if (id !== undefined && method === 'PUT') {
    const text = Buffer.from(await readBody(request)).toString('utf8');
    const record = parseKeyRecord(text);
    if (record?.id !== id) return void response.writeHead(400).end('no record of this key');
    await keys.put(recordName(id), text, { metadata: record });
    response.writeHead(204).end();
  } else if (id !== undefined && method === 'DELETE') {
    await keys.delete(recordName(id));
    response.writeHead(204).end();
  } else {
    response.writeHead(405).end();
  }
}

async function allNames(keys: DoorKeys): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await keys.list({ prefix: KEY_PREFIX, ...(cursor && { cursor }) });
    names.push(...page.keys.map(({ name }) => name));
    cursor = page.list_complete ? undefined : page.cursor;
  } while (cursor);
  return names;
}

/** Float32 weights of 100,000 classes take 434 MB. */
const MAX_OBJECT_BYTES = 512 << 20;

/** The whole body. Throws when it is cut off, so that no part of it is stored. */
async function readBody(request: IncomingMessage): Promise<ArrayBuffer> {
  const expected = Number(request.headers['content-length']);
  if (!(expected <= MAX_OBJECT_BYTES)) throw new Error(`a body of ${expected} bytes`);
  const body = new Uint8Array(expected);
  let at = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    body.set(chunk, at);
    at += chunk.length;
  }
  if (at !== expected) throw new Error(`${at} of ${expected} bytes came`);
  return body.buffer;
}

function shows({ headers }: IncomingMessage, token: string): boolean {
  const shown = Buffer.from(headers.authorization ?? '');
  const right = Buffer.from(`Bearer ${token}`);
  return shown.length === right.length && timingSafeEqual(shown, right);
}
