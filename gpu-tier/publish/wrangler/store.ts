/**
 * Publishing with wrangler's own commands: to an account (`--remote`), or to the local state while
 * no `npm start` runs. The command lines are the same but for that one option.
 * @module
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { HebbError } from '../../../shared/model/index.ts';
import type { PublishStore } from '../store.ts';
import { wranglerError } from './errors.ts';
import { WRANGLER_CONFIG, type Wrangler, type WranglerResult } from './run.ts';

/** Bindings of wrangler.toml. */
const [BUCKET, REGISTRY] = ['MODELS', 'REGISTRY'];

interface Bucket {
  readonly binding: string;
  readonly bucket_name?: string;
}

export interface WranglerStoreOptions {
  readonly wrangler: Wrangler;
  /** `remote`, or the folder of the local state. */
  readonly where: 'remote' | { readonly state: string };
  readonly config?: string;
}

export async function wranglerStore(options: WranglerStoreOptions): Promise<PublishStore> {
  const { wrangler, where, config = WRANGLER_CONFIG } = options;
  const bucket = await bucketName(config);
  const place = where === 'remote' ? ['--remote'] : ['--local', '--persist-to', where.state];
  const command = (...args: string[]) => wrangler([...args, '--config', config, ...place]);
  const succeed = async (result: Promise<WranglerResult>) => {
    const done = await result;
    if (done.code !== 0) throw wranglerError(done);
    return done;
  };
  return {
    description: where === 'remote' ? `bucket ${bucket}` : `the local bucket ${bucket}`,
    digest: (key) =>
      withTemporaryFolder(async (folder) => {
        const file = join(folder, 'object');
        const result = await command('r2', 'object', 'get', `${bucket}/${key}`, '--file', file);
        if (/specified key does not exist/i.test(result.stderr)) return undefined;
        await succeed(Promise.resolve(result));
        return await digestOf(file);
      }),
    async put(key, { path, contentType }) {
      const target = `${bucket}/${key}`;
      const type = ['--content-type', contentType];
      await succeed(command('r2', 'object', 'put', target, '--file', path, ...type));
    },
    async readKey(key) {
      const result = await command('kv', 'key', 'get', key, '--binding', REGISTRY!, '--text');
      // A missing key: said with code 0 of the local state, and by the API's status of an account.
      // (A missing namespace reads like that as well; writing to it does not.)
      if (/\/values\/\S+ - 404:/.test(result.stderr)) return undefined;
      const { stdout } = await succeed(Promise.resolve(result));
      const text = stdout.replace(/\n$/, '');
      return text === 'Value not found' ? undefined : text;
    },
    writeKey: (key, text) =>
      withTemporaryFolder(async (folder) => {
        const file = join(folder, randomUUID());
        await writeFile(file, text);
        await succeed(command('kv', 'key', 'put', key, '--path', file, '--binding', REGISTRY!));
      }),
  };
}

async function bucketName(config: string): Promise<string> {
  const { unstable_readConfig } = await import('wrangler');
  const read = unstable_readConfig({ config }) as { r2_buckets: Bucket[] };
  const { r2_buckets: buckets } = read;
  const name = buckets.find(({ binding }) => binding === BUCKET)?.bucket_name;
  if (name) return name;
  throw new HebbError('publish_failed', `${config} names no R2 bucket for ${BUCKET}.`, {
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
