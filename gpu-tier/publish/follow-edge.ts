/**
 * The GPU tier's `--follow`: asks a Worker which model it serves, finds that very version in the
 * repository or on the mirror, and serves it.
 * @module
 */
import { systemClock } from '../batching/clock.ts';
import type { Models } from '../host/models.ts';
import type { Repository } from '../host/repository.ts';
import { describeModel } from '../observability/describe-model.ts';
import type { Log } from '../observability/log.ts';
import { type EdgeModel, readEdge } from './edge.ts';
import { type Follower, followPointer } from './follow.ts';
import { fromMirror, type Mirror } from './mirror.ts';

export interface FollowEdgeOptions {
  /** Address of the Worker. */
  readonly edge: string;
  readonly intervalMs: number;
  /** Where packages come from that are not in the repository; undefined where there is no such place. */
  readonly mirror: () => Promise<Mirror | undefined>;
  /** Folder for those. */
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
    ...{ intervalMs, clock: systemClock, log },
  });
}
