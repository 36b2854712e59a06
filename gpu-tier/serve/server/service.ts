/**
 * Wires the whole service: models, batching, protocol and metrics, on a port.
 * @module
 */

import { DecodeThreads } from '@hebb/images/threads';
import { systemClock } from '../batching/clock.ts';
import { createModels, type Models } from '../host/models.ts';
import { createRepository, type Repository } from '../host/repository.ts';
import { type ServedModel, type ServingOptions, serveModel } from '../host/served-model.ts';
import { describeModel } from '../observability/describe-model.ts';
import type { Log } from '../observability/log.ts';
import { createMetrics } from '../observability/metrics.ts';
import { createApp } from './app.ts';
import { createKeyBook, type KeySource } from './auth/key-book.ts';
import { type FollowEdgeOptions, type Follower, followEdge } from './follow.ts';
import { createBodyBudget } from './http/body.ts';
import { listen } from './listen.ts';

export interface ServiceOptions extends ServingOptions {
  /** 0 for any free port. */
  readonly port: number;
  readonly host: string;
  /** Folder whose subfolders are model packages. */
  readonly repository: string;
  /** Folders of the packages to serve from the start; the service fails if one cannot be loaded. */
  readonly models: readonly string[];
  /**
   * If `models` is empty: serve the newest loadable package of the repository, or this package if there is none.
   * Undefined: start without a model.
   */
  readonly newestOr?: string | undefined;
  /** Limit of a request body, bytes. */
  readonly maxBody: number;
  /** Limit of the bodies of all requests in progress, bytes. */
  readonly maxBodies: number;
  readonly decodeThreads: number;
  /** Milliseconds that requests in progress may take after `stop`. */
  readonly drainTimeoutMs: number;
  /** Secrets of the signed hop from the edge, at most two. */
  readonly secrets?: readonly string[];
  /** Sources of API keys. Without secrets and keys, requests need neither. */
  readonly keys?: readonly KeySource[];
  /** Requests from this machine need neither signature nor key. */
  readonly loopback?: boolean;
  /** Follows the model of a Worker, once the models above are warm. */
  readonly follow?: FollowEdgeOptions;
}

export interface Service {
  readonly url: string;
  readonly models: Models;
  /** Resolves when the initial models are warm; rejects when one of them cannot be loaded. */
  readonly ready: Promise<void>;
  /** Graceful shutdown: answers the accepted requests, then ends. */
  stop(): Promise<void>;
}

/** Starts the service. Resolves when it listens, before the models are loaded, so that health checks work. */
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
  const decoding = new DecodeThreads(options.decodeThreads);
  const { backend, maxBody } = options;
  const sources = options.keys ?? [];
  const keys =
    sources.length > 0 ? createKeyBook({ sources, now: () => Date.now(), log }) : undefined;
  const app = createApp({
    models,
    metrics,
    clock,
    maxBody,
    backend,
    log,
    decode: (...image) => decoding.input(...image),
    bodies: createBodyBudget(options.maxBodies),
    draining: () => draining,
    access: { secrets: options.secrets ?? [], keys, loopback: options.loopback ?? false },
  });
  const first = await firstModels(repository, options, log);
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
  const serveOne = async ({ name, version }: FirstModel) => {
    log('info', 'model_loaded', describeModel(await models.load(name, version)));
  };
  /** Starts at once, so that requests for a model that is being loaded get `model_unavailable`, not 404. */
  const load = async ({ named, candidates, last }: FirstModels) => {
    await Promise.all(named.map(serveOne)); // `models.load` loads them one after the other
    for (const candidate of candidates) {
      try {
        return await serveOne(candidate);
      } catch (error) {
        log('warn', 'package_skipped', { dir: candidate.dir, reason: (error as Error).message });
      }
    }
    if (last !== undefined) await serveOne({ name: await repository.add(last) });
  };
  let follower: Follower | undefined;
  const ready = load(first).finally(() => {
    if (options.follow && !draining) {
      follower = followEdge(options.follow, { models, repository, log });
    }
  });
  ready.catch(() => {}); // handled by the caller, who may await it later
  return { url: server.url, models, ready, stop };
}

interface FirstModel {
  readonly name: string;
  readonly version?: string;
}

/** The models to serve from the start. */
interface FirstModels {
  /** All of these. */
  readonly named: readonly FirstModel[];
  /** The first of these that can be loaded. */
  readonly candidates: readonly (FirstModel & { readonly dir: string })[];
  /** Folder of a package to serve if no candidate can be loaded. */
  readonly last?: string;
}

/** Reads the manifests. A broken package that was named is an error; others are logged and skipped. */
async function firstModels(
  repository: Repository,
  { models, newestOr }: Pick<ServiceOptions, 'models' | 'newestOr'>,
  log: Log,
): Promise<FirstModels> {
  const add = async (dir: string) => ({ name: await repository.add(dir) });
  const named = await Promise.all(models.map(add));
  for (const { dir, reason } of await repository.broken()) {
    log('warn', 'package_skipped', { dir, reason });
  }
  if (named.length > 0 || newestOr === undefined) return { named, candidates: [] };
  const packages = await repository.list();
  if (packages.length === 0) return { named: [await add(newestOr)], candidates: [] };
  const newest = packages.map(({ dir, manifest: { name, version } }) => ({ dir, name, version }));
  return { named, candidates: newest, last: newestOr };
}
