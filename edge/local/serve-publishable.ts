/**
 * Runs the Worker with R2 and KV on disk, a schedule, and a door through which `hebb publish` and `hebb keys` write.
 * @module
 */
import { join } from 'node:path';
import { stateLock } from '@hebb/models/publish/door/file';
import { childrenNamed } from '@hebb/models/publish/door/identity';
import { checkFree } from '@hebb/models/publish/door/knock';
import {
  type DoorBucket,
  type DoorKeys,
  type DoorRegistry,
  openDoor,
} from '@hebb/models/publish/door/server';
import { withLock } from '@hebb/packages/storage/lock';
import { RESTARTED } from '@hebb/worker/jobs/sweep';
import type { Miniflare } from 'miniflare';
import type { WorkerBundle } from './bundle.ts';
import { type ServeOptions, serveWorker } from './serve.ts';

export interface PublishableOptions extends Omit<ServeOptions, 'persist'> {
  /** Folder of R2 and KV, as in wrangler's `--persist-to`. */
  readonly state: string;
}

export interface PublishableServer {
  /** Resolves to the Worker's URL. */
  readonly ready: Promise<URL>;
  close(): Promise<void>;
}

/**
 * Starts the Worker once no publisher holds the lock of the state. Throws `state_in_use` if another server uses the
 * state: two processes on one folder get SQLITE_BUSY, and readers see objects vanish (docs/publishing.md).
 */
export function servePublishable(
  bundle: WorkerBundle,
  { state, ...options }: PublishableOptions,
): PublishableServer {
  const closing: (() => Promise<void>)[] = [];
  const began = new Date();
  const ready = withLock(stateLock(state), async () => {
    await checkFree(state, fetch);
    const before = await childrenNamed('workerd');
    const server = serveWorker(bundle, { ...options, persist: join(state, 'v3') });
    closing.push(() => server.dispose());
    const url = await server.ready;
    const children = await childrenNamed('workerd');
    const door = await openDoor({
      state,
      runtimes: children.filter(({ pid }) => !before.some((other) => other.pid === pid)),
      edge: url.origin.replace('127.0.0.1', 'localhost'),
      bucket: (await server.getR2Bucket('MODELS')) as unknown as DoorBucket,
      registry: (await server.getKVNamespace('REGISTRY')) as unknown as DoorRegistry,
      keys: (await server.getKVNamespace('KEYS')) as unknown as DoorKeys,
    });
    closing.push(() => door.close());
    const cron = await startCron(server, began);
    closing.push(async () => cron.stop());
    return url;
  });
  return {
    ready,
    async close() {
      for (const close of closing.reverse()) await close();
    },
  };
}

const EVERY_MINUTE = '* * * * *';

/**
 * Runs the Worker's schedule, as Cloudflare does in production. The first event says that the server has restarted,
 * since local queues are in memory and are now empty; then an event follows every minute.
 * @param began when the server started; jobs from before have lost their messages
 */
async function startCron(server: Miniflare, began: Date): Promise<{ stop(): void }> {
  const worker = await server.getWorker();
  const run = async (cron: string, scheduledTime: Date) => {
    const { outcome } = await worker.scheduled({ cron, scheduledTime });
    if (outcome !== 'ok') console.error(`The schedule ${cron} ended with "${outcome}".`);
  };
  await run(RESTARTED, began);
  const timer = setInterval(() => {
    run(EVERY_MINUTE, new Date()).catch((error: unknown) => console.error(String(error)));
  }, 60_000);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
