/**
 * Supervises a model host: restarts it after a crash with exponential back-off, and replaces it between batches when it
 * uses too much memory.
 * @module
 */

import { HebbError } from '@hebb/model';
import { deferred } from '@hebb/model/node20';
import type { Clock } from '../batching/clock.ts';
import type { ReadyMessage } from './messages.ts';
import type { HostBatch, HostProcess, HostResult } from './process.ts';

/** `hang`: it had no pulse, or took too long for a batch, and was killed. */
export type RestartReason = 'crash' | 'memory' | 'hang';

export interface ReplicaEvents {
  /** The replica can run a batch. */
  idle(): void;
  /** The host will be restarted. */
  restart(reason: RestartReason, details: string): void;
  /** A restart failed; it will be retried. */
  down(error: HebbError): void;
}

export interface ReplicaOptions {
  readonly start: () => Promise<HostProcess>;
  readonly clock: Clock;
  /** Limit of the growth of a host's memory since it was ready, bytes. */
  readonly memoryGrowth: number;
  /** Minimum age before a host is replaced for its memory, ms. */
  readonly minimumLifeMs: number;
  readonly on: ReplicaEvents;
}

export interface Replica {
  /** Resolves after the first start; rejects if it fails. */
  readonly ready: Promise<ReadyMessage>;
  isIdle(): boolean;
  /** Process id; undefined while there is no process. */
  pid(): number | undefined;
  /** Resident memory, bytes. */
  rss(): number;
  /** Runs a batch. Call it only if idle. */
  run(batch: HostBatch): Promise<HostResult>;
  close(): Promise<void>;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 10_000;
/** A host that lived this long was healthy: it is restarted without delay. */
const HEALTHY_MS = 60_000;

/** Delay of a restart after `failures` consecutive failures: 0, 100, 200, 400 … 10,000 ms. */
export const backOff = (failures: number): number =>
  failures === 0 ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1));

export function createReplica(options: ReplicaOptions): Replica {
  const { start, clock, memoryGrowth, minimumLifeMs, on } = options;
  const ready = deferred<ReadyMessage>();
  const closing = deferred<void>();
  let current: HostProcess | undefined;
  let startedAt = 0;
  let busy = false;
  let recycling = false;
  let closed = false;

  async function pause(ms: number): Promise<void> {
    const over = deferred<void>();
    const stop = clock.after(ms, over.resolve);
    await Promise.race([closing.promise, over.promise]);
    stop();
  }

  async function supervise(): Promise<void> {
    let failures = 0;
    for (let first = true; !closed; first = false) {
      let host: HostProcess;
      try {
        host = await start();
      } catch (error) {
        const known = error instanceof HebbError ? error : new HebbError('internal', String(error));
        if (first) return ready.reject(known);
        on.down(known);
        await pause(backOff(failures++));
        continue;
      }
      if (closed) return host.close();
      current = host;
      startedAt = clock.now();
      ready.resolve(host.ready);
      on.idle();
      const details = await host.ended;
      current = undefined;
      if (closed) return;
      const lived = clock.now() - startedAt;
      const reason = recycling ? 'memory' : host.hung() ? 'hang' : 'crash';
      on.restart(reason, `The model's process ${recycling ? 'had grown too big' : details}.`);
      const wait = recycling || lived > HEALTHY_MS ? 0 : backOff(failures);
      failures = recycling || lived > HEALTHY_MS ? 0 : failures + 1;
      recycling = false;
      await pause(wait);
    }
  }
  const done = supervise();

  const isIdle = () => current?.alive() === true && !busy && !recycling && !closed;
  const tooBig = (host: HostProcess) =>
    host.rss() > host.ready.rss + memoryGrowth && clock.now() - startedAt >= minimumLifeMs;

  return {
    ready: ready.promise,
    isIdle,
    pid: () => current?.pid,
    rss: () => current?.rss() ?? 0,
    async run(batch) {
      const host = current;
      if (!host) throw new HebbError('host_restarted', 'The model is being reloaded.');
      busy = true;
      try {
        return await host.run(batch);
      } finally {
        busy = false;
        if (host === current && tooBig(host)) {
          recycling = true;
          host.close();
        } else if (isIdle()) {
          on.idle();
        }
      }
    },
    async close() {
      closed = true;
      closing.resolve();
      current?.close();
      await done;
    },
  };
}
