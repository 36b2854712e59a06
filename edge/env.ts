import type { RateLimiter } from './access/rate-limit.ts';
import type { GpuFetchSettings } from './gpu/gpu-fetch.ts';
import type { JobBucket } from './jobs/bucket.ts';
import type { DeadMessage, JobMessage, MessageQueue } from './jobs/messages.ts';
import type { AssetStore, ObjectStore } from './models/files.ts';
import type { KeyValueStore } from './models/registry.ts';
import type { PageFiles } from './routes/pages.ts';

/** The Worker's bindings, as wrangler.toml names them; each by what is used of it. */
export interface Env extends GpuFetchSettings {
  /** Static assets: the built-in model, and the web pages. */
  readonly ASSETS: AssetStore & PageFiles;
  /** R2: published models. */
  readonly MODELS: ObjectStore;
  /** KV: which published model is current. */
  readonly REGISTRY: KeyValueStore;
  /** KV: API keys, as `hebb keys` writes them. */
  readonly KEYS: KeyValueStore;
  /** R2: jobs, all of what is known of them. */
  readonly JOBS: JobBucket;
  /** Queue: what is to be done of jobs, and what kept failing. */
  readonly QUEUE: MessageQueue<JobMessage>;
  readonly DEAD_LETTERS: MessageQueue<DeadMessage>;
  /** Requests per key and minute. */
  readonly RATE_LIMIT?: RateLimiter;
  /** keys (as without it), public or loopback; see edge/access/access.ts. */
  readonly HEBB_ACCESS?: string;
  /** Origins of web pages that may call from a browser, with commas between, or `*`. */
  readonly HEBB_CORS_ORIGINS?: string;
  /**
   * Fetches from public addresses only, by the runtime itself: `npm start` has it. Cloudflare's own
   * `fetch` takes its place elsewhere, with a look at what a name resolves to.
   */
  readonly WEB?: { fetch: typeof fetch };
  /** Hosts that images are fetched from, see edge/urls/allow-list.ts; none without it. */
  readonly HEBB_URL_ALLOW?: string;
  /** A resolver that speaks DNS over HTTPS with JSON; Cloudflare's without it. */
  readonly HEBB_DNS?: string;
  /** Where webhooks may go, see edge/jobs/webhook/targets.ts; nowhere without it. */
  readonly HEBB_WEBHOOK_ALLOW?: string;
  /** What webhooks are signed with, see edge/jobs/webhook/sign.ts. A secret, not a variable. */
  readonly HEBB_WEBHOOK_SECRET?: string;
  /** Where the GPU tier is, "https://gpu.example.com"; the edge is alone without it. */
  readonly HEBB_GPU_URL?: string;
  /** What requests to the GPU tier are signed with; the tier has the same. A secret, not a variable. */
  readonly HEBB_HOP_SECRET?: string;
  /** A certificate binding, where the GPU tier wants mTLS. */
  readonly GPU?: { fetch: typeof fetch };
  /** A service token of Cloudflare Access, where it stands in front of the GPU tier. */
  readonly HEBB_GPU_TOKEN_ID?: string;
  readonly HEBB_GPU_TOKEN_SECRET?: string;
  /** CPU time that one request may take here, ms; LIMITS.dispatch.cpuMs without it. */
  readonly HEBB_EDGE_CPU_MS?: string;
  /** After the first failure of a chunk or a webhook, how long to wait, s; LIMITS.jobs without it. */
  readonly HEBB_JOB_RETRY_SECONDS?: string;
  /** How long an answer may be given again, s; LIMITS.cacheSeconds without it, 0 for never. */
  readonly HEBB_CACHE_SECONDS?: string;
  /** How long a key is taken as current, ms; LIMITS.keyAgeMs without it. */
  readonly HEBB_KEY_AGE_MS?: string;
  /** How long a model pointer is taken as current, ms; LIMITS.pointerAgeMs without it. */
  readonly HEBB_POINTER_AGE_MS?: string;
  /** Other values in place of some of LIMITS, as JSON; see edge/limits-of.ts. */
  readonly HEBB_LIMITS?: string;
  /** "1" shows /debug/memory. */
  readonly HEBB_DEBUG?: string;
}
