/**
 * What the app is made of in a Worker: bindings, memory budgets, codecs, engines.
 * @module
 */

import { DecodeArena } from '../shared/decode/arena.ts';
import { workerCodecs } from '../shared/decode/codecs.ts';
import { Access } from './access/access.ts';
import { KeyRing } from './access/key-ring.ts';
import { Origins } from './access/origins.ts';
import type { AppDependencies } from './app.ts';
import { readBatch } from './batch/read-batch.ts';
import { Replays } from './batch/replays.ts';
import { ResultCache } from './cache/result-cache.ts';
import { Classifier } from './classification.ts';
import { MemoryAccount } from './concurrency/memory-account.ts';
import { MemoryBudget } from './concurrency/memory-budget.ts';
import { engineLoaders } from './engine/loaders.ts';
import type { Env } from './env.ts';
import { gpuTierOf } from './gpu/from-env.ts';
import { imageDecoder } from './image-decoder.ts';
import { jobClassifier } from './jobs/classify.ts';
import { Jobs } from './jobs/jobs.ts';
import { LIMITS } from './limits.ts';
import { assetFiles, objectFiles } from './models/files.ts';
import { Models } from './models/models.ts';
import { ModelRegistry } from './models/registry.ts';
import { warmUp } from './models/warm-up.ts';
import { Dispatcher } from './routing/dispatcher.ts';
import { AllowList } from './urls/allow-list.ts';
import { type FetchImage, imageFetcher } from './urls/fetch-image.ts';
import { dnsOverHttps } from './urls/resolve.ts';

/** Cloudflare's resolver, which Workers reach without leaving their network. */
const DNS = 'https://cloudflare-dns.com/dns-query';

/** Folder of the built-in model in the static assets. */
const BUILT_IN = 'model';

export function dependenciesOf(env: Env): AppDependencies {
  const now = () => performance.now();
  const account = new MemoryAccount();
  const onChange = account.sample;
  const bodies = new MemoryBudget({ name: 'request bodies', ...LIMITS.bodies, onChange });
  const arena = new DecodeArena(workerCodecs, LIMITS.decoding.arenaBytes);
  const decoding = new MemoryBudget({
    name: 'decoding',
    ...LIMITS.decoding,
    shared: arena,
    onChange,
  });
  const decoder = imageDecoder(arena);
  const classifier = new Classifier(decoder, decoding, now);
  const pointerAgeMs = Number(env.HEBB_POINTER_AGE_MS ?? LIMITS.pointerAgeMs);
  const models = new Models({
    registry: new ModelRegistry(env.REGISTRY, pointerAgeMs, now),
    builtIn: assetFiles(env.ASSETS, BUILT_IN),
    published: (prefix) => objectFiles(env.MODELS, prefix),
    loaders: engineLoaders,
    memory: decoding,
    patienceMs: LIMITS.loadPatienceMs,
    retryAfterMs: LIMITS.retryAfterMs,
    retryAtMostMs: LIMITS.retryAtMostMs,
    warmUp: (model, keepAlive) => warmUp(classifier, model, keepAlive),
    now,
  });
  account.add('bodies', () => bodies.usedBytes);
  account.add('decoding', () => decoding.usedBytes); // the tfjs engine lives in here
  account.add('arena', () => decoding.sharedBytes);
  account.add('int8', () => models.loaded?.memoryBytes('int8') ?? 0);
  const cache = new ResultCache({
    open: () => caches.open('hebb-results'),
    maxAgeSeconds: Number(env.HEBB_CACHE_SECONDS ?? LIMITS.cacheSeconds),
  });
  const fetchImage = imageFetcherOf(env);
  const dispatcher = new Dispatcher({
    ...{ models, classifier, cache, now, gpu: gpuTierOf(env, now) },
    limits: {
      ...LIMITS.dispatch,
      cpuMs: Number(env.HEBB_EDGE_CPU_MS ?? LIMITS.dispatch.cpuMs),
      decodingBytes: arena.maxBytes,
    },
  });
  const jobs = new Jobs(env, (inputs, keepAlive) =>
    jobClassifier({
      inputs,
      dispatch: (items, options) => dispatcher.classify(items, options),
      bodies,
      aheadBytes: LIMITS.batch.aheadBytes,
      keepAlive,
    }),
  );
  return {
    jobs,
    readImages: (request) => {
      const limits = { ...LIMITS.batch, images: LIMITS.jobs.images };
      return readBatch(request, { limits, bodies, fetchImage });
    },
    replays: new Replays({ bucket: env.JOBS, ...LIMITS.batch, now: () => Date.now() }),
    dispatcher,
    access: accessOf(env),
    pages: env.ASSETS,
    fetchImage,
    models,
    bodies,
    ...(env.HEBB_DEBUG === '1' ? { account } : {}),
  };
}

function accessOf(env: Env): Access {
  const mode = env.HEBB_ACCESS ?? 'keys';
  const maxAgeMs = Number(env.HEBB_KEY_AGE_MS ?? LIMITS.keyAgeMs);
  return new Access({
    mode,
    keys: new KeyRing({ store: env.KEYS, maxAgeMs, now: () => Date.now() }),
    origins: new Origins(env.HEBB_CORS_ORIGINS, mode === 'loopback'),
    limiter: env.RATE_LIMIT,
  });
}

function imageFetcherOf(env: Env): FetchImage {
  const { WEB: web } = env;
  const allow = new AllowList(env.HEBB_URL_ALLOW);
  const limits = LIMITS.url;
  if (web) return imageFetcher({ allow, limits, fetch: (url, init) => web.fetch(url, init) });
  const fetcher: typeof fetch = (url, init) => fetch(url, init);
  const resolve = dnsOverHttps(env.HEBB_DNS ?? DNS, fetcher);
  return imageFetcher({ allow, limits, fetch: fetcher, resolve });
}
