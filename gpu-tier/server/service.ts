/**
 * The whole service, put together: models, batching, protocol, metrics, on a port.
 * @module
 */
import { systemClock } from '../batching/clock.ts';
import { createModels, type Models } from '../host/models.ts';
import { createRepository } from '../host/repository.ts';
import { type ServedModel, type ServingOptions, serveModel } from '../host/served-model.ts';
import { describeModel } from '../observability/describe-model.ts';
import type { Log } from '../observability/log.ts';
import { createMetrics } from '../observability/metrics.ts';
import type { Follower } from '../publish/follow.ts';
import { type FollowEdgeOptions, followEdge } from '../publish/follow-edge.ts';
import { createApp } from './app.ts';
import { createDecodePool } from './decode/pool.ts';
import { createBodyBudget } from './http/body-budget.ts';
import { listen } from './listen.ts';

export interface ServiceOptions extends ServingOptions {
  /** 0 for any free port. */
  readonly port: number;
  readonly host: string;
  /** Folder whose subfolders are model packages. */
  readonly repository: string;
  /** Folders of the packages to serve from the start. */
  readonly models: readonly string[];
  /** Bytes of a request's body. */
  readonly maxBody: number;
  /** Bytes of the bodies of all requests under way. */
  readonly maxBodies: number;
  readonly decodeThreads: number;
  /** Milliseconds that requests may take to end after `stop`. */
  readonly drainTimeoutMs: number;
  /** Of the hop from the edge, two at most; without any, nothing has to be signed. */
  readonly secrets?: readonly string[];
  /** Serves what that Worker serves, once the models above are warm. */
  readonly follow?: FollowEdgeOptions;
}

export interface Service {
  readonly url: string;
  readonly models: Models;
  /** The models to serve from the start are warm; rejects when one of them cannot be loaded. */
  readonly ready: Promise<void>;
  /** Answers what was accepted, then ends. */
  stop(): Promise<void>;
}

/** Starts the service. Resolves when it listens, so that liveness can be asked at once. */
export async function startService(options: ServiceOptions, log: Log): Promise<Service> {
  const clock = systemClock;
  let draining = false;
  const repository = createRepository(options.repository);
  const metrics = createMetrics(() => models.list());
  const serve = (dir: string): Promise<ServedModel> =>
    serveModel(dir, options, {
      clock,
      events: {
        batch: metrics.batch,
        restart(model, reason, details) {
          metrics.restart(model, reason);
          log('warn', 'host_restart', { model, reason, details });
        },
        down: (model, error) => log('error', 'host_down', { model, error: error.message }),
      },
    });
  const models: Models = createModels(repository, serve);
  const decoding = createDecodePool(options.decodeThreads);
  const { backend, maxBody } = options;
  const { decode } = decoding;
  const app = createApp({
    ...{ models, metrics, decode, clock, maxBody, backend, log },
    bodies: createBodyBudget(options.maxBodies),
    draining: () => draining,
    secrets: options.secrets ?? [],
  });
  const server = await listen(app, options);
  const { kind, reason, native } = backend;
  log('info', 'listening', { url: server.url, backend: kind, reason, ...(native && { native }) });
  if (native === 'unusable') log('error', 'native_unusable', { backend: kind, reason });

  let stopped: Promise<void> | undefined;
  const stop = () => {
    draining = true;
    stopped ??= (async () => {
      for (const model of models.list()) model.hurry();
      await server.drain(options.drainTimeoutMs);
      await follower?.stop();
      await Promise.all([models.close(), decoding.close()]);
    })();
    return stopped;
  };
  let follower: Follower | undefined;
  const load = async () => {
    for (const dir of options.models) {
      const name = await repository.add(dir);
      log('info', 'model_loaded', describeModel(await models.load(name)));
    }
  };
  const ready = load().finally(() => {
    if (options.follow && !draining) {
      follower = followEdge(options.follow, { models, repository, log });
    }
  });
  ready.catch(() => {}); // whoever awaits it hears of it
  return { url: server.url, models, ready, stop };
}
