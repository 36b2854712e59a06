/**
 * A local implementation of the part of Cloudflare's REST API that the real wrangler uses in these tests, which have no
 * account. This file has objects and keys, cloudflare-account.ts the requests of `wrangler deploy`.
 * https://developers.cloudflare.com/api/resources/r2/subresources/buckets/subresources/objects/
 * https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/subresources/values/
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { startServer } from '../support/http-server.ts';
import { type Account, answerAccount, createAccount } from './cloudflare-account.ts';

export interface CloudflareApi extends ApiState {
  /** Environment that directs wrangler to this server. */
  readonly env: Readonly<Record<string, string>>;
}

export interface ApiState {
  readonly account: Account;
  /** Objects by `bucket/key`. */
  readonly objects: Map<string, Buffer>;
  /** Texts by `namespace/key`. */
  readonly keys: Map<string, string>;
  /** Their metadata, if any, by `namespace/key`. */
  readonly metadata: Map<string, unknown>;
  /** Method and path after the account's id, in order. */
  readonly requests: string[];
}

const TOKEN = 'a-token-of-the-test';

export interface ApiOptions {
  readonly bucket?: string;
  readonly namespace?: string;
  /** False for an empty account. */
  readonly deployed?: boolean;
}

/** Starts the server, which listens until the end of the test. */
export async function cloudflareApi(options: ApiOptions = {}): Promise<CloudflareApi> {
  const { answer, envOf, ...state } = createCloudflareApi(options);
  const { url } = await startServer((request, response) => void answer(request, response));
  return { ...state, env: envOf(url) };
}

export function createCloudflareApi(options: ApiOptions = {}) {
  const { bucket = 'hebb-models', namespace, deployed = true } = options;
  const account = createAccount({ deployed });
  const existing = () => account.namespaces.map(({ id }) => id);
  const namespaces = () => (namespace === undefined ? existing() : [namespace]);
  const api = {
    account,
    objects: new Map<string, Buffer>(),
    keys: new Map<string, string>(),
    metadata: new Map<string, unknown>(),
  };
  const requests: string[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fail = (status: number, code: number, message: string) => {
      const body = { success: false, result: null, messages: [], errors: [{ code, message }] };
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    };
    const ok = (result: unknown = {}) =>
      response
        .writeHead(200, { 'Content-Type': 'application/json' })
        .end(JSON.stringify({ success: true, errors: [], messages: [], result }));
    const body = await read(request);
    const { pathname, searchParams: query } = new URL(request.url!, 'http://localhost');
    const path = decodeURIComponent(pathname).replace(/^\/accounts\/[^/]+\//, '');
    requests.push(`${request.method} ${path}`);
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      return fail(403, 10000, 'Authentication error');
    }
    const object = /^r2\/buckets\/([^/]+)\/objects\/(.+)$/.exec(path);
    const value = /^storage\/kv\/namespaces\/([^/]+)\/values\/(.+)$/.exec(path);
    if (object) {
      if (object[1] !== bucket) return fail(404, 10006, 'The specified bucket does not exist.');
      const key = `${object[1]}/${object[2]}`;
      if (request.method === 'PUT') {
        api.objects.set(key, body);
        return void ok();
      }
      const found = api.objects.get(key);
      return found
        ? void response.end(found)
        : fail(404, 10007, 'The specified key does not exist.');
    }
    const listing = /^storage\/kv\/namespaces\/([^/]+)\/keys$/.exec(path);
    const named = value?.[1] ?? listing?.[1];
    if (named !== undefined && !namespaces().includes(named)) {
      return fail(404, 10013, 'get namespace: namespace not found');
    }
    if (listing) {
      const prefix = `${listing[1]}/${query.get('prefix') ?? ''}`;
      const found = [...api.keys.keys()].filter((key) => key.startsWith(prefix));
      return void ok(
        found.map((key) => ({
          name: key.slice(listing[1]!.length + 1),
          metadata: api.metadata.get(key),
        })),
      );
    }
    if (value) {
      const key = `${value[1]}/${value[2]}`;
      if (request.method === 'PUT') {
        const { text, metadata } = await readValue(request, body);
        api.keys.set(key, text);
        if (metadata !== undefined) api.metadata.set(key, JSON.parse(metadata));
        return void ok();
      }
      if (request.method === 'DELETE') {
        api.keys.delete(key);
        return void ok();
      }
      const found = api.keys.get(key);
      return found ? void response.end(found) : fail(404, 10009, "get: 'key not found'");
    }
    const known = await answerAccount(account, { method: request.method!, path, query, body });
    if (!known) fail(404, 7003, `No route for ${path}`);
    else if ('error' in known) fail(known.error.status, known.error.code, known.error.message);
    else ok(known.result);
  }

  const envOf = (url: string): Record<string, string> => ({
    CLOUDFLARE_API_BASE_URL: url,
    CLOUDFLARE_API_TOKEN: TOKEN,
    CLOUDFLARE_ACCOUNT_ID: '0123456789abcdef0123456789abcdef',
  });
  return { ...api, requests, answer, envOf };
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A value is the body itself, or the field `value` of a form, whose other field is `metadata`. */
async function readValue({ headers }: IncomingMessage, body: Buffer) {
  const type = headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) return { text: body.toString('utf8') };
  const form = await new Response(new Uint8Array(body), {
    headers: { 'Content-Type': type },
  }).formData();
  const [text, metadata] = await Promise.all(
    ['value', 'metadata'].map((name) => field(form, name)),
  );
  return { text: text ?? '', metadata };
}

async function field(form: FormData, name: string): Promise<string | undefined> {
  const value = form.get(name) ?? undefined;
  return value instanceof Blob ? await value.text() : value;
}
