/**
 * The Worker with R2 and KV that stay on disk, and a door through which `hebb publish` and `hebb keys` reach them.
 * @module
 */
import { join } from 'node:path';
import type { Miniflare } from 'miniflare';
import { RESTARTED } from '../../edge/jobs/sweep.ts';
import { stateLock } from '../../gpu-tier/publish/door/file.ts';
import { childrenNamed } from '../../gpu-tier/publish/door/identity.ts';
import { checkFree } from '../../gpu-tier/publish/door/knock.ts';
import {
  type DoorBucket,
  type DoorKeys,
  type DoorRegistry,
  openDoor,
} from '../../gpu-tier/publish/door/server.ts';
import { withLock } from '../../gpu-tier/storage/lock.ts';
import type { WorkerBundle } from './bundle.ts';
import { type ServeOptions, serveWorker } from './serve.ts';

export interface PublishableOptions extends Omit<ServeOptions, 'persist'> {
  /** Where R2 and KV are kept, as wrangler's `--persist-to` has it. */
  readonly state: string;
}

export interface PublishableServer {
  /** Resolves to the Worker's URL. */
  readonly ready: Promise<URL>;
  close(): Promise<void>;
}

/**
 * Starts the Worker as soon as no publisher is at work on the same state. Throws `state_in_use` when another
 * server holds it: two processes on one folder get SQLITE_BUSY, and readers see objects vanish
 * (docs/publishing.md).
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
 * Tells the Worker that it has just started, with an empty queue: local queues live in memory. Then
 * calls it every minute.
 * @param began when the server began to start; jobs from before lost their messages
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
