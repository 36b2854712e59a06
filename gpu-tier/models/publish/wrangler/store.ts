/**
 * Models and API keys with wrangler's own commands: in an account (`--remote`), or in the local state
 * while no `npm start` runs. The command lines differ in that one option only.
 * @module
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { HebbError } from '@hebb/model';
import { isKeyRecord, KEY_PREFIX, recordName } from '@hebb/protocol/access/key-record';
import type { KeyStore, PublishStore, Stores } from '../store.ts';
import { wranglerError } from './errors.ts';
import { WRANGLER_CONFIG, type Wrangler, type WranglerResult } from './run.ts';

/** Bindings of wrangler.toml. */
const BUCKET = 'MODELS';
const REGISTRY = 'REGISTRY';
const KEYS = 'KEYS';

export interface WranglerStoreOptions {
  readonly wrangler: Wrangler;
  /** `remote`, or the folder of the local state. */
  readonly where: 'remote' | { readonly state: string };
}

export function wranglerStores({ wrangler, where }: WranglerStoreOptions): Stores {
  const remote = where === 'remote';
  const place = remote ? ['--remote'] : ['--local', '--persist-to', where.state];
  const command: Command = (...args) => wrangler([...args, '--config', WRANGLER_CONFIG, ...place]);
  return {
    async models() {
      const bucket = await bucketName();
      const description = remote ? `bucket ${bucket}` : `the local bucket ${bucket}`;
      return modelStore(command, bucket, description);
    },
    keys: () =>
      keyStore(command, remote ? 'the namespace KEYS of your account' : 'the local namespace KEYS'),
  };
}

/** Runs a wrangler command where the stores are. */
type Command = (...args: string[]) => Promise<WranglerResult>;

function modelStore(command: Command, bucket: string, description: string): PublishStore {
  return {
    description,
    digest: (key) =>
      withTemporaryFolder(async (folder) => {
        const file = join(folder, 'object');
        const result = await command('r2', 'object', 'get', `${bucket}/${key}`, '--file', file);
        if (/specified key does not exist/i.test(result.stderr)) return undefined;
        checked(result);
        return await digestOf(file);
      }),
    async put(key, { path, contentType }) {
      const target = `${bucket}/${key}`;
      const type = ['--content-type', contentType];
      checked(await command('r2', 'object', 'put', target, '--file', path, ...type));
    },
    async readKey(key) {
      const result = await command('kv', 'key', 'get', key, '--binding', REGISTRY, '--text');
      // A missing key: the local state reports it with exit code 0, an account with the API's status 404.
      // (Reading from a missing namespace looks the same; writing to it does not.)
      if (/\/values\/\S+ - 404:/.test(result.stderr)) return undefined;
      const text = checked(result).stdout.replace(/\n$/, '');
      return text === 'Value not found' ? undefined : text;
    },
    writeKey: (key, text) =>
      withTemporaryFolder(async (folder) => {
        const file = join(folder, randomUUID());
        await writeFile(file, text);
        checked(await command('kv', 'key', 'put', key, '--path', file, '--binding', REGISTRY));
      }),
  };
}

/**
 * A record is stored as the value, which Workers read, and as the metadata, which `list` returns. Only
 * the hash of a key appears on a command line.
 */
function keyStore(command: Command, description: string): KeyStore {
  const kv = async (...args: string[]): Promise<string> => {
    const result = await command('kv', 'key', ...args, '--binding', KEYS);
    if (result.code !== 0) throw keysError(result);
    return result.stdout;
  };
  return {
    description,
    async list() {
      const text = await kv('list', '--prefix', KEY_PREFIX);
      const entries = JSON.parse(text) as { readonly metadata?: unknown }[];
      return entries.map(({ metadata }) => metadata).filter(isKeyRecord);
    },
    async put(record) {
      const json = JSON.stringify(record);
      await kv('put', recordName(record.id), json, '--metadata', json);
    },
    async remove(id) {
      await kv('delete', recordName(id));
    },
  };
}

/** The result; throws what a command that failed says. */
function checked(result: WranglerResult): WranglerResult {
  if (result.code !== 0) throw wranglerError(result);
  return result;
}

/** wrangler's error under the code for keys, without a hint about models. */
function keysError(result: WranglerResult): HebbError {
  const error = wranglerError(result);
  if (error.code !== 'publish_failed') return error;
  const known = error.hint.includes('npm run deploy');
  return new HebbError('keys_not_stored', error.message, {
    ...(known && { hint: error.hint }),
    cause: error.cause,
  });
}

interface Bucket {
  readonly binding: string;
  readonly bucket_name?: string;
}

/** wrangler is imported here, since that takes a second that keys need not wait. */
async function bucketName(): Promise<string> {
  const { unstable_readConfig } = await import('wrangler');
  const config = unstable_readConfig({ config: WRANGLER_CONFIG }) as { r2_buckets: Bucket[] };
  const { r2_buckets: buckets } = config;
  const name = buckets.find(({ binding }) => binding === BUCKET)?.bucket_name;
  if (name) return name;
  throw new HebbError('publish_failed', `${WRANGLER_CONFIG} names no R2 bucket for ${BUCKET}.`, {
    hint: `Add [[r2_buckets]] with binding = "${BUCKET}" and a bucket_name.`,
  });
}

async function digestOf(path: string) {
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(createReadStream(path), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
    }
  });
  return { bytes, sha256: hash.digest('hex') };
}

async function withTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'hebb-publish-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
