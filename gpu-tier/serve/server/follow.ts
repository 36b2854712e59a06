/**
 * Serves the same model as the edge (`hebb serve --follow`): polls the Worker and loads what it serves.
 * @module
 */

import { type EdgeModel, readEdge } from '@hebb/models/publish/edge';
import { fromMirror, type Mirror } from '@hebb/models/publish/mirror';
import { type Clock, systemClock } from '../batching/clock.ts';
import type { Models } from '../host/models.ts';
import type { Repository } from '../host/repository.ts';
import { describeModel } from '../observability/describe-model.ts';
import type { Log } from '../observability/log.ts';

export interface FollowEdgeOptions {
  /** Address of the Worker. */
  readonly edge: string;
  readonly intervalMs: number;
  /** Mirror for packages that are not in the repository; undefined if there is none. */
  readonly mirror: () => Promise<Mirror | undefined>;
  /** Folder for packages from the mirror. */
  readonly cache: string;
  readonly fetch: typeof fetch;
}

export function followEdge(
  options: FollowEdgeOptions,
  served: { readonly models: Models; readonly repository: Repository; readonly log: Log },
): Follower {
  const { edge, intervalMs, mirror, cache, fetch } = options;
  const { models, repository, log } = served;
  const isServed = ({ name, version }: EdgeModel) =>
    models.list().some(({ manifest }) => manifest.name === name && manifest.version === version);
  return followPointer({
    read: async () => (await readEdge(edge, fetch)).current,
    async load(model) {
      if (isServed(model)) return;
      const { name, version } = model;
      const found = await repository.find(name, version).catch(() => undefined);
      const source = found ? undefined : await mirror();
      if (source) await repository.add(await fromMirror(source, model, cache));
      log('info', 'model_loaded', describeModel(await models.load(name, version)));
    },
    intervalMs,
    clock: systemClock,
    log,
  });
}

export interface FollowOptions {
  /** Returns the current model of the edge; rejects if the edge does not answer. */
  readonly read: () => Promise<EdgeModel>;
  /** Loads and serves the model; rejects on failure, and the old model stays in service. */
  readonly load: (model: EdgeModel) => Promise<void>;
  /** Polling interval, ms. */
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Follower {
  /** Stops polling; resolves when a load in progress has ended. */
  stop(): Promise<void>;
}

/** A failed load is retried after 1, 2, 4, … intervals, at most this many. */
const LONGEST_WAIT = 32;

/**
 * Polls immediately and then every `intervalMs`. Loads the first model at once, and a changed model only when two
 * polls in a row agree: for a minute after a change, Workers around the world give different answers, and a load
 * takes seconds.
 */
export function followPointer({ read, load, intervalMs, clock, log }: FollowOptions): Follower {
  let loaded: string | undefined;
  let seen: string | undefined;
  let unreadable = false;
  let failure: { key: string; wait: number; retryAt: number } | undefined;
  let stopped = false;
  let cancel = () => {};

  async function turn(): Promise<void> {
    const model = await ask();
    if (!model) return;
    const key = `${model.name} ${model.version}`;
    const settled = loaded === undefined || key === seen;
    seen = key;
    if (key === loaded || !settled || stopped) return;
    if (failure?.key === key && clock.now() < failure.retryAt) return;
    const { name, version } = model;
    try {
      await load(model);
      [loaded, failure] = [key, undefined];
      log('info', 'followed', { model: name, version });
    } catch (error) {
      const wait = Math.min(failure?.key === key ? failure.wait * 2 : 1, LONGEST_WAIT);
      failure = { key, wait, retryAt: clock.now() + wait * intervalMs };
      log('error', 'not_followed', { model: name, version, reason: reasonOf(error) });
    }
  }

  /** Logs the first failure in a row, and the recovery. */
  async function ask(): Promise<EdgeModel | undefined> {
    try {
      const model = await read();
      if (unreadable) log('info', 'pointer_readable');
      unreadable = false;
      return model;
    } catch (error) {
      if (!unreadable) log('warn', 'pointer_unreadable', { reason: reasonOf(error) });
      unreadable = true;
      return undefined;
    }
  }

  let running = Promise.resolve();
  const next = (): void => {
    running = turn().finally(() => {
      if (!stopped) cancel = clock.after(intervalMs, next);
    });
  };
  next();
  return {
    async stop() {
      stopped = true;
      cancel();
      await running;
    },
  };
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
