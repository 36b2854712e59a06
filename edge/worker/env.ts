import type { RateLimiter } from './access/rate-limit.ts';
import type { GpuFetchSettings } from './gpu/gpu-fetch.ts';
import type { JobBucket } from './jobs/bucket.ts';
import type { DeadMessage, JobMessage, MessageQueue } from './jobs/messages.ts';
import type { AssetStore, ObjectStore } from './models/files.ts';
import type { KeyValueStore } from './models/registry.ts';
import type { PageFiles } from './routes/pages.ts';

/** The Worker's bindings, by their names in wrangler.toml. */
export interface Env extends GpuFetchSettings {
  /** Static assets: the built-in model and the web pages. */
  readonly ASSETS: AssetStore & PageFiles;
  /** R2: published models. */
  readonly MODELS: ObjectStore;
  /** KV: which published model is current. */
  readonly REGISTRY: KeyValueStore;
  /** KV: API keys, written by `hebb keys`. */
  readonly KEYS: KeyValueStore;
  /** R2: all state of jobs. */
  readonly JOBS: JobBucket;
  /** Queues: work on jobs, and messages that failed for good. */
  readonly QUEUE: MessageQueue<JobMessage>;
  readonly DEAD_LETTERS: MessageQueue<DeadMessage>;
  /** Requests per key and minute. */
  readonly RATE_LIMIT?: RateLimiter;
  /** keys (the default), public or loopback; see edge/worker/access/access.ts. */
  readonly HEBB_ACCESS?: string;
  /** Origins of web pages that may call from a browser, separated by commas, or `*`. */
  readonly HEBB_CORS_ORIGINS?: string;
  /**
   * Fetches from public addresses only, which the runtime enforces; set by `npm start`. Without it names
   * are resolved and checked before Cloudflare's `fetch`.
   */
  readonly WEB?: { fetch: typeof fetch };
  /** Hosts that images may be fetched from, see edge/worker/urls/allow-list.ts; none by default. */
  readonly HEBB_URL_ALLOW?: string;
  /** A resolver for DNS over HTTPS with JSON; Cloudflare's by default. */
  readonly HEBB_DNS?: string;
  /** Where webhooks may be sent, see edge/worker/jobs/webhook/targets.ts; nowhere by default. */
  readonly HEBB_WEBHOOK_ALLOW?: string;
  /** Signs webhooks, see edge/worker/jobs/webhook/sign.ts. A secret, not a variable. */
  readonly HEBB_WEBHOOK_SECRET?: string;
  /** URL of the GPU tier, "https://gpu.example.com"; no GPU tier without it. */
  readonly HEBB_GPU_URL?: string;
  /** Signs requests to the GPU tier, which has the same secret. A secret, not a variable. */
  readonly HEBB_HOP_SECRET?: string;
  /** A certificate binding, if the GPU tier requires mTLS. */
  readonly GPU?: { fetch: typeof fetch };
  /** A service token, if Cloudflare Access protects the GPU tier. */
  readonly HEBB_GPU_TOKEN_ID?: string;
  readonly HEBB_GPU_TOKEN_SECRET?: string;
  /** CPU time that images of one request may take at the edge, ms; default LIMITS.dispatch.cpuMs. */
  readonly HEBB_EDGE_CPU_MS?: string;
  /** Delay after the first failure of a chunk or a webhook, s; default in LIMITS.jobs. */
  readonly HEBB_JOB_RETRY_SECONDS?: string;
  /** How long answers are cached, s; default LIMITS.cacheSeconds, 0 for never. */
  readonly HEBB_CACHE_SECONDS?: string;
  /** How long API keys are cached, ms; default LIMITS.keyAgeMs. */
  readonly HEBB_KEY_AGE_MS?: string;
  /** How long the registry is cached, ms; default LIMITS.pointerAgeMs. */
  readonly HEBB_POINTER_AGE_MS?: string;
  /** Replaces some of LIMITS, as JSON; see edge/worker/limits-of.ts. */
  readonly HEBB_LIMITS?: string;
  /** "1" enables /debug/memory. */
  readonly HEBB_DEBUG?: string;
}
