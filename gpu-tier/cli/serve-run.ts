/**
 * From the flags of `hebb serve` to a running service.
 * @module
 */
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { HebbError } from '../../shared/model/index.ts';
import { type Backend, type BackendRequest, chooseBackend } from '../backend/choose.ts';
import { runnerBackend } from '../backend/create-runner.ts';
import { placeReplicas } from '../backend/placement.ts';
import type { Precision } from '../graph/inference.ts';
import { createRepository } from '../host/repository.ts';
import { parseKeyRecords } from '../keys/file-store.ts';
import { ensureNative } from '../native/ensure.ts';
import { thisHost } from '../native/host.ts';
import { listGpus } from '../native/nvidia.ts';
import { probeAddon } from '../native/probe.ts';
import { createLog, type LogLevel } from '../observability/log.ts';
import { BUILT_IN_MODEL, findPackage } from '../packages/find.ts';
import { knock } from '../publish/door/knock.ts';
import { doorStores } from '../publish/door/store.ts';
import { doorMirror } from '../publish/mirror.ts';
import { stateFolder } from '../publish/open-store.ts';
import { type KeySource, keysOfFile } from '../server/auth/key-book.ts';
import { checkOpen, hopSecrets } from '../server/auth/secrets.ts';
import type { FollowEdgeOptions } from '../server/follow.ts';
import type { ServiceOptions } from '../server/service.ts';
import { cacheFolder } from './cache.ts';
import type { Cli } from './cli.ts';
import { installProgress } from './native-progress.ts';

/** Sizes in MB, times in ms save where a name says otherwise. */
export interface ServeFlags {
  model?: string[];
  repository: string;
  follow?: string;
  /** Seconds. */
  followInterval: number;
  mirror?: string;
  port?: number;
  host: string;
  backend: BackendRequest;
  requireNative: boolean;
  precision: Precision;
  replicas?: number;
  maxBatchSize: number;
  batchSizes?: number[];
  maxQueueDelay: number | 'auto';
  latencyTarget: number;
  maxQueueSize: number;
  maxMemoryGrowth: number;
  maxBody: number;
  maxBodies: number;
  decodeThreads: number;
  /** Seconds. */
  drainTimeout: number;
  unsigned: boolean;
  access: 'keys' | 'loopback';
  keys?: string;
  doorKeys: boolean;
  logLevel: LogLevel;
}

const MB = 1_000_000;

/** A process that is replaced for its size sooner than this was given too small a bound. */
const MINIMUM_LIFE_MS = 60_000;

/** Serves until `stopped`, then answers what was accepted and ends. */
export async function serve(
  cli: Cli,
  flags: ServeFlags,
  stopped: () => Promise<string>,
): Promise<void> {
  const began = cli.now();
  keepOn(cli);
  const log = createLog(
    (text, done) => cli.stdout.write(text, done),
    () => new Date(),
    flags.logLevel,
  );
  const options = await serviceOptions(cli, flags);
  const { startService } = await import('../server/service.ts');
  const service = await startService(options, log);
  const ready = service.ready.then(() => log('info', 'ready', { ms: ms(cli.now() - began) }));
  const end = stopped();
  try {
    await Promise.race([ready, end]);
    log('info', 'stopping', { reason: await end });
  } finally {
    await service.stop();
    log('info', 'stopped');
  }
}

/**
 * Output that fails ends a command that prints (main.ts sees to it), and must not end a service: the log
 * counts the lines that it loses.
 */
function keepOn({ stdout, stderr }: Cli): void {
  for (const stream of [stdout, stderr]) {
    stream.removeAllListeners?.('error');
    stream.on?.('error', () => {});
  }
}

const ms = Math.round;

async function serviceOptions(cli: Cli, flags: ServeFlags): Promise<ServiceOptions> {
  const { env, cwd } = cli;
  const repository = resolve(cwd, flags.repository);
  const named = (flags.model ?? []).map((name) => findPackage(name, cwd));
  const backend = await backendFor(cli, flags);
  const gpus = (await listGpus(env)).length;
  const cores = availableParallelism();
  const { kind } = backend;
  const secrets = hopSecrets(env.HEBB_HOP_SECRET);
  const keys = await keySources(cli, flags);
  const loopback = flags.access === 'loopback';
  const closed = secrets.length > 0 || keys.length > 0;
  checkOpen(flags.host, { closed, loopback, unsigned: flags.unsigned });
  return {
    host: flags.host,
    ...{ secrets, keys, loopback },
    port: flags.port ?? Number(env.HEBB_GPU_PORT ?? DEFAULT_PORT),
    repository,
    models: named,
    // What --follow finds need not wait for another one.
    newestOr: flags.follow && !(await holdsPackages(repository)) ? undefined : BUILT_IN_MODEL,
    backend: runnerBackend(backend),
    precision: flags.precision,
    replicas: placeReplicas({ kind, replicas: flags.replicas, gpus, cores, env }),
    maxBatchSize: flags.maxBatchSize,
    ...(flags.batchSizes && { batchSizes: flags.batchSizes }),
    maxQueueDelay: flags.maxQueueDelay,
    latencyTarget: flags.latencyTarget,
    maxQueueSize: flags.maxQueueSize,
    memoryGrowth: flags.maxMemoryGrowth * MB,
    minimumLifeMs: MINIMUM_LIFE_MS,
    maxBody: flags.maxBody * MB,
    maxBodies: flags.maxBodies * MB,
    decodeThreads: flags.decodeThreads,
    drainTimeoutMs: flags.drainTimeout * 1000,
    ...(flags.follow && { follow: followOptions(cli, flags.follow, flags) }),
  };
}

/** The keys of --keys or HEBB_KEYS_FILE, of HEBB_KEYS, and of the `npm start` that started this. */
async function keySources(
  { env, cwd, fetch }: Cli,
  { keys, doorKeys }: ServeFlags,
): Promise<KeySource[]> {
  const sources: KeySource[] = [];
  const file = keys ?? env.HEBB_KEYS_FILE;
  if (file) {
    const read = keysOfFile(resolve(cwd, file));
    await read().catch((cause: Error) => {
      if (cause instanceof HebbError) throw cause;
      throw new HebbError('file_not_found', `The file of keys cannot be read: ${cause.message}`, {
        hint: 'Make it: hebb keys create --name NAME --file FILE',
        cause,
      });
    });
    sources.push(read);
  }
  if (env.HEBB_KEYS) {
    const records = parseKeyRecords(env.HEBB_KEYS, 'HEBB_KEYS');
    sources.push(async () => records);
  }
  if (doorKeys) {
    sources.push(async () => {
      const door = await knock(stateFolder(env), fetch);
      return door ? await doorStores(door).keys().list() : [];
    });
  }
  return sources;
}

const DEFAULT_PORT = 8788;

function followOptions(cli: Cli, edge: string, flags: ServeFlags): FollowEdgeOptions {
  const { env, fetch } = cli;
  const { mirror: url, followInterval } = flags;
  const token = env.HEBB_MIRROR_TOKEN;
  return {
    ...{
      edge,
      fetch,
      intervalMs: followInterval * 1000,
      cache: join(cacheFolder(cli), 'published'),
    },
    mirror: async () =>
      url
        ? { url, fetch, ...(token && { token }) }
        : await doorMirror(stateFolder(env), edge, fetch),
  };
}

const holdsPackages = async (repository: string): Promise<boolean> =>
  (await createRepository(repository).list()).length > 0;

/** Installs the native library unless it is there or not wanted, and tries it. */
async function backendFor(
  cli: Cli,
  { backend: request, requireNative: required }: ServeFlags,
): Promise<Backend> {
  const { env } = cli;
  const progress = installProgress(cli);
  try {
    return await chooseBackend({
      request,
      required,
      native: () =>
        ensureNative({
          cache: cacheFolder(cli),
          host: thisHost(),
          flavour: 'cpu',
          env,
          fetch: cli.fetch,
          onProgress: progress.show,
        }),
      probe: (addon) => probeAddon(addon, env),
      gpus: async () => (await listGpus(env)).map(({ name }) => name),
    });
  } finally {
    progress.finish();
  }
}

/** Resolves, with why, when this process is told to end, or when the one that started it is gone. */
export function told(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => resolve(signal));
    }
    if (process.connected) process.once('disconnect', () => resolve('its parent is gone'));
    process.channel?.unref(); // listening to it must not keep this process alive
  });
}
