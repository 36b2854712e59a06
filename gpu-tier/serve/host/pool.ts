/**
 * Combines the replicas of a model into one executor of batches.
 * @module
 */
import { HebbError } from '@hebb/model';
import type { Executor } from '../batching/batcher.ts';
import type { ReadyMessage } from './messages.ts';
import { createReplica, type Replica, type ReplicaEvents, type ReplicaOptions } from './replica.ts';

export interface HostPool extends Executor {
  /** Resolves when all replicas are warm. Rejects when one cannot start; the pool is then closed. */
  readonly ready: Promise<ReadyMessage>;
  /** One entry per replica; pid is undefined while it starts. */
  replicas(): { readonly pid: number | undefined; readonly rss: number }[];
  close(): Promise<void>;
}

export interface HostPoolOptions extends Omit<ReplicaOptions, 'start' | 'on'> {
  readonly replicas: number;
  readonly start: (replica: number) => ReturnType<ReplicaOptions['start']>;
  readonly onRestart?: ReplicaEvents['restart'];
  readonly onDown?: ReplicaEvents['down'];
}

export function createHostPool(options: HostPoolOptions): HostPool {
  let listener: Parameters<Executor['listen']>[0] | undefined;
  let outage: HebbError | undefined;
  const replicas: Replica[] = Array.from({ length: options.replicas }, (_, n) =>
    createReplica({
      ...options,
      start: () => options.start(n),
      on: {
        idle() {
          outage = undefined;
          listener?.idle();
        },
        restart: (...args) => options.onRestart?.(...args),
        down(error) {
          options.onDown?.(error);
          if (replicas.some((replica) => replica.pid() !== undefined)) return; // another one serves
          const message = `The model cannot be loaded at present: ${error.message}`;
          outage = new HebbError('model_unavailable', message, { cause: error });
          listener?.down(outage);
        },
      },
    }),
  );
  const close = async () => {
    await Promise.all(replicas.map((replica) => replica.close()));
  };
  const ready = Promise.all(replicas.map((replica) => replica.ready)).then(
    ([first]) => first!,
    async (error) => {
      await close();
      throw error;
    },
  );
  ready.catch(() => {}); // handled by the caller, who may await it later
  return {
    ready,
    close,
    replicas: () => replicas.map((replica) => ({ pid: replica.pid(), rss: replica.rss() })),
    idle: () => replicas.some((replica) => replica.isIdle()),
    outage: () => outage,
    listen(events) {
      listener = events;
    },
    run: (batch) => replicas.find((replica) => replica.isIdle())!.run(batch),
  };
}
