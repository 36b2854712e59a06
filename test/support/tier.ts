/**
 * The whole GPU tier in the test's process: real HTTP on a free port, with its models in real child processes, on
 * native TensorFlow if it is installed, else on WASM.
 * @module
 */

import { createLog } from '@hebb/serve/observability/log';
import { type Service, type ServiceOptions, startService } from '@hebb/serve/server/service';
import type { RunnerBackend } from '@hebb/tensorflow/backend/create-runner';
import { thisHost } from '@hebb/tensorflow/native/host';
import { findInstallation } from '@hebb/tensorflow/native/installation';
import { cacheFolder } from 'hebb/cache';
import { onTestFinished } from 'vitest';

/** The tier's backend in these tests. */
export const BACKEND: RunnerBackend = await anyBackend();

async function anyBackend(): Promise<RunnerBackend> {
  const native = await findInstallation(cacheFolder({ env: process.env }), thisHost());
  const reason = 'chosen for tests';
  if (!native) return { kind: 'wasm', reason };
  const { addon, kernels } = native;
  return { kind: 'native-cpu', reason, addon, ...(kernels && { kernels }) };
}

export interface LogLine {
  readonly level: string;
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface TestTier extends Service {
  /** The service's log so far. */
  readonly logged: LogLine[];
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Like `fetch`, but parses the answer as JSON. */
  json(path: string, init?: RequestInit): Promise<{ status: number; body: unknown }>;
}

const DEFAULTS: ServiceOptions = {
  port: 0,
  host: '127.0.0.1',
  repository: '/nowhere',
  models: [],
  backend: BACKEND,
  precision: 'f32',
  replicas: [{}],
  maxBatchSize: 8,
  maxQueueDelay: 0,
  latencyTarget: 1000,
  maxQueueSize: 256,
  memoryGrowth: 1e9,
  minimumLifeMs: 0,
  maxBody: 64e6,
  maxBodies: 512e6,
  decodeThreads: 1,
  drainTimeoutMs: 600_000,
};

/** Starts the tier and waits for its models. The caller stops it. */
export async function startTier(options: Partial<ServiceOptions>): Promise<TestTier> {
  const logged: LogLine[] = [];
  const log = createLog(
    (line) => logged.push(JSON.parse(line) as LogLine),
    () => new Date(),
  );
  const service = await startService({ ...DEFAULTS, ...options }, log);
  await service.ready.catch(async (error) => {
    await service.stop();
    throw error;
  });
  const get = (path: string, init?: RequestInit) => fetch(service.url + path, init);
  return {
    ...service,
    logged,
    fetch: get,
    async json(path, init) {
      const response = await get(path, init);
      return { status: response.status, body: (await response.json()) as unknown };
    },
  };
}

/** A tier that is stopped at the end of the test. */
export async function tierForTest(options: Partial<ServiceOptions>): Promise<TestTier> {
  const tier = await startTier(options);
  onTestFinished(() => tier.stop());
  return tier;
}
