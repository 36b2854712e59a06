import type { Env } from '../env.ts';
import type { Limits } from '../limits-of.ts';
import { Breaker } from './breaker.ts';
import { gpuFetch } from './gpu-fetch.ts';
import { GpuTier } from './gpu-tier.ts';

/** The GPU tier that the bindings name; undefined where there is none. */
export function gpuTierOf(
  env: Env,
  { breaker, ...limits }: Limits['gpu'],
  now: () => number,
): GpuTier | undefined {
  const { HEBB_GPU_URL: url, HEBB_HOP_SECRET } = env;
  if (!url) return undefined;
  const random = Math.random;
  return new GpuTier({
    hop: {
      url: url.replace(/\/+$/, ''),
      fetch: gpuFetch(env),
      secret: HEBB_HOP_SECRET || undefined,
    },
    breaker: new Breaker({ ...breaker, now, random }),
    now,
    random,
    limits,
  });
}
