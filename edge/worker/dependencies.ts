/**
 * The app's dependencies in a Worker: bindings, memory budgets, codecs, engines.
 * @module
 */
import { DecodeArena } from '@hebb/decode/arena';
import { workerCodecs } from '@hebb/decode/codecs';
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
import { Breaker } from './gpu/breaker.ts';
import { gpuFetch } from './gpu/gpu-fetch.ts';
import { GpuTier } from './gpu/gpu-tier.ts';
import { jobClassifier } from './jobs/classify.ts';
import { Jobs } from './jobs/jobs.ts';
import { type Limits, limitsOf } from './limits-of.ts';
import { assetFiles, objectFiles } from './models/files.ts';
import { Models } from './models/models.ts';
import { ModelRegistry } from './models/registry.ts';
import { warmUp } from './models/warm-up.ts';
import { Dispatcher } from './routing/dispatcher.ts';
import { AllowList } from './urls/allow-list.ts';
import { type FetchImage, imageFetcher } from './urls/fetch-image.ts';
import { dnsOverHttps } from './urls/resolve.ts';

/** Cloudflare's resolver, which Workers reach within their own network. */
const DNS = 'https://cloudflare-dns.com/dns-query';

/** Folder of the built-in model in the static assets. */
const BUILT_IN = 'model';

export function dependenciesOf(env: Env): AppDependencies {
  const now = () => performance.now();
  const limits = limitsOf(env);
  const account = new MemoryAccount();
  const onChange = account.sample;
  const bodies = new MemoryBudget({ name: 'request bodies', ...limits.bodies, onChange });
  const arena = new DecodeArena(workerCodecs, limits.decoding.arenaBytes);
  const decoding = new MemoryBudget({
    name: 'decoding',
    ...limits.decoding,
    shared: arena,
    onChange,
  });
  const classifier = new Classifier(arena, decoding, now);
  const pointerAgeMs = Number(env.HEBB_POINTER_AGE_MS ?? limits.pointerAgeMs);
  const models = new Models({
    registry: new ModelRegistry(env.REGISTRY, pointerAgeMs, now),
    builtIn: assetFiles(env.ASSETS, BUILT_IN),
    published: (prefix) => objectFiles(env.MODELS, prefix),
    loaders: engineLoaders,
    memory: decoding,
    patienceMs: limits.loadPatienceMs,
    retryAfterMs: limits.retryAfterMs,
    retryAtMostMs: limits.retryAtMostMs,
    warmUp: (model, keepAlive) => warmUp(classifier, model, keepAlive),
    now,
  });
  account.add('bodies', () => bodies.usedBytes);
  account.add('decoding', () => decoding.usedBytes); // includes the tfjs engine
  account.add('arena', () => decoding.sharedBytes);
  account.add('int8', () => models.loaded?.memoryBytes('int8') ?? 0);
  const cache = new ResultCache({
    open: () => caches.open('hebb-results'),
    maxAgeSeconds: Number(env.HEBB_CACHE_SECONDS ?? limits.cacheSeconds),
  });
  const fetchImage = imageFetcherOf(env, limits.url);
  const dispatcher = new Dispatcher({
    models,
    classifier,
    cache,
    now,
    gpu: gpuTierOf(env, limits.gpu, now),
    limits: {
      ...limits.dispatch,
      cpuMs: Number(env.HEBB_EDGE_CPU_MS ?? limits.dispatch.cpuMs),
      decodingBytes: arena.maxBytes,
    },
  });
  const jobs = new Jobs(env, limits.jobs, (inputs, keepAlive) =>
    jobClassifier({
      inputs,
      dispatch: (items, options) => dispatcher.classify(items, options),
      bodies,
      aheadBytes: limits.batch.aheadBytes,
      keepAlive,
    }),
  );
  return {
    limits,
    jobs,
    readImages: (request) => {
      const ofJobs = { ...limits.batch, images: limits.jobs.images };
      return readBatch(request, { limits: ofJobs, bodies, fetchImage });
    },
    replays: new Replays({ bucket: env.JOBS, ...limits.batch, now: () => Date.now() }),
    dispatcher,
    access: accessOf(env, limits),
    pages: env.ASSETS,
    fetchImage,
    models,
    bodies,
    ...(env.HEBB_DEBUG === '1' ? { account } : {}),
  };
}

/** The GPU tier of the bindings; undefined without one. */
function gpuTierOf(
  env: Env,
  { breaker, ...limits }: Limits['gpu'],
  now: () => number,
): GpuTier | undefined {
  const { HEBB_GPU_URL: url, HEBB_HOP_SECRET: secret } = env;
  if (!url) return undefined;
  const { random } = Math;
  return new GpuTier({
    hop: { url: url.replace(/\/+$/, ''), fetch: gpuFetch(env), secret: secret || undefined },
    breaker: new Breaker({ ...breaker, now, random }),
    now,
    random,
    limits,
  });
}

function accessOf(env: Env, limits: Limits): Access {
  const mode = env.HEBB_ACCESS ?? 'keys';
  const maxAgeMs = Number(env.HEBB_KEY_AGE_MS ?? limits.keyAgeMs);
  return new Access({
    mode,
    keys: new KeyRing({ store: env.KEYS, maxAgeMs, now: () => Date.now() }),
    origins: new Origins(env.HEBB_CORS_ORIGINS, mode === 'loopback'),
    limiter: env.RATE_LIMIT,
  });
}

function imageFetcherOf(env: Env, limits: Limits['url']): FetchImage {
  const { WEB: web } = env;
  const allow = new AllowList(env.HEBB_URL_ALLOW);
  if (web) return imageFetcher({ allow, limits, fetch: (url, init) => web.fetch(url, init) });
  const fetcher: typeof fetch = (url, init) => fetch(url, init);
  const resolve = dnsOverHttps(env.HEBB_DNS ?? DNS, fetcher);
  return imageFetcher({ allow, limits, fetch: fetcher, resolve });
}
