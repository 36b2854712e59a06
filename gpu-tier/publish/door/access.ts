/**
 * The API keys behind the door: `hebb keys` of a running `npm start`.
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { KEY_PREFIX, parseKeyRecord, recordName } from '../../../shared/model/access/key-record.ts';
import { readBody } from './body.ts';

/** What is used of Miniflare's KV namespace. */
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

export async function answerAccess(
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
