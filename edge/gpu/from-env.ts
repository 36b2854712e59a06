import type { Env } from '../env.ts';
import { LIMITS } from '../limits.ts';
import { Breaker } from './breaker.ts';
import { GpuTier } from './gpu-tier.ts';

/** The GPU tier that the bindings name; undefined where there is none. */
export function gpuTierOf(env: Env, now: () => number): GpuTier | undefined {
  const { HEBB_GPU_URL: url, GPU: bound } = env;
  if (!url) return undefined;
  const random = Math.random;
  const { breaker, ...limits } = LIMITS.gpu;
  // A certificate binding carries mTLS; plain `fetch` otherwise.
  const fetcher: typeof fetch = (input, init) =>
    bound ? bound.fetch(input, init) : fetch(input, init);
  return new GpuTier({
    hop: {
      url: url.replace(/\/+$/, ''),
      fetch: fetcher,
      secret: env.HEBB_HOP_SECRET || undefined,
      headers: serviceToken(env),
    },
    breaker: new Breaker({ ...breaker, now, random }),
    now,
    random,
    limits,
  });
}

/** As Cloudflare Access wants a service token to be shown. */
function serviceToken(env: Env): Record<string, string> {
  const { HEBB_GPU_TOKEN_ID: id, HEBB_GPU_TOKEN_SECRET: secret } = env;
  return id && secret ? { 'CF-Access-Client-Id': id, 'CF-Access-Client-Secret': secret } : {};
}
