/**
 * The real Worker, bundled as for deployment, in real workerd.
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stagePages } from '@hebb/local/build-pages';
import { bundleWorker } from '@hebb/local/bundle';
import { type ServeOptions, serveWorker } from '@hebb/local/serve';
import { stageModel } from '@hebb/local/stage-model';
import type { AccountReading } from '@hebb/worker/concurrency/memory-account';
import type { SomeLimits } from '@hebb/worker/limits-of';
import type { Miniflare } from 'miniflare';
import { type HeapUsage, Inspector } from './inspector.ts';
import { patientLimits } from './patient-limits.ts';

export interface TestWorker {
  readonly url: URL;
  /** Gives access to the local R2 and KV. */
  readonly miniflare: Miniflare;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** The Worker's own memory accounting. */
  account(): Promise<AccountReading>;
  /** V8's heap usage of the Worker's isolate, without WebAssembly memory. */
  heap(): Promise<HeapUsage>;
  /** Resident memory of the workerd process, bytes, including Miniflare's helpers. */
  processBytes(): number;
  close(): Promise<void>;
}

export interface TestWorkerOptions {
  /** Folder of the package to serve as the built-in model; if absent, there is none. */
  readonly model?: string;
  readonly vars?: Readonly<Record<string, string>>;
  /** Folder of R2 and KV, which can be used by another Worker later. */
  readonly persist?: string;
  readonly web?: ServeOptions['web'];
  readonly rateLimit?: ServeOptions['rateLimit'];
  /** Override the patient limits. */
  readonly limits?: SomeLimits;
}

/** The cache is off, since tests repeat the same requests. */
const DEFAULT_VARS = { HEBB_DEBUG: '1', HEBB_ACCESS: 'loopback', HEBB_CACHE_SECONDS: '0' };

export async function startWorker(options: TestWorkerOptions = {}): Promise<TestWorker> {
  const assets = await mkdtemp(join(tmpdir(), 'hebb-assets-'));
  await stagePages(assets);
  if (options.model) await stageModel(options.model, assets);
  const before = new Set(workerdProcesses());
  const limits = { HEBB_LIMITS: JSON.stringify(patientLimits(options.limits)) };
  const vars = { ...DEFAULT_VARS, ...limits, ...options.vars };
  const miniflare = serveWorker(await bundleWorker(), {
    assets,
    port: 0,
    vars,
    inspectorPort: 0,
    ...(options.persist && { persist: options.persist }),
    ...(options.web !== undefined && { web: options.web }),
    ...(options.rateLimit && { rateLimit: options.rateLimit }),
  });
  const url = await miniflare.ready;
  const pid = workerdProcesses().find((process) => !before.has(process));
  const inspector = new Inspector(await miniflare.getInspectorURL());
  const fetchPath = (path: string, init?: RequestInit) => fetch(new URL(path, url), init);
  return {
    url,
    miniflare,
    fetch: fetchPath,
    account: async () => (await (await fetchPath('/debug/memory')).json()) as AccountReading,
    heap: () => inspector.heapUsage(),
    processBytes: () => residentBytes(pid),
    async close() {
      inspector.close();
      await miniflare.dispose();
      await rm(assets, { recursive: true, force: true });
    },
  };
}

/** The workerd processes among this process's children (Linux). */
function workerdProcesses(): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [name, parent] = [/\((.*)\)/.exec(stat)?.[1], /\) \S+ (\d+)/.exec(stat)?.[1]];
      return name?.startsWith('workerd') && Number(parent) === process.pid;
    } catch {
      return false; // not a process, or it has just ended
    }
  });
}

function residentBytes(pid: string | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}
