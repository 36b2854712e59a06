import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { HebbError } from '@hebb/model';
import { parseKeyRecords } from '@hebb/models/keys/file-store';
import { knock } from '@hebb/models/publish/door/knock';
import { doorStores } from '@hebb/models/publish/door/store';
import { doorMirror } from '@hebb/models/publish/mirror';
import { stateFolder } from '@hebb/models/publish/open-store';
import { BUILT_IN_MODEL, findPackage, MODELS_FOLDER } from '@hebb/packages/find';
import { createRepository } from '@hebb/serve/host/repository';
import { createLog, LOG_LEVELS, type LogLevel } from '@hebb/serve/observability/log';
import { type KeySource, keysOfFile } from '@hebb/serve/server/auth/key-book';
import { checkOpen, hopSecrets } from '@hebb/serve/server/auth/secrets';
import type { FollowEdgeOptions } from '@hebb/serve/server/follow';
import type { ServiceOptions } from '@hebb/serve/server/service';
import {
  BACKENDS,
  type Backend,
  type BackendRequest,
  chooseBackend,
} from '@hebb/tensorflow/backend/choose';
import { runnerBackend } from '@hebb/tensorflow/backend/create-runner';
import { placeReplicas } from '@hebb/tensorflow/backend/placement';
import { PRECISIONS, type Precision } from '@hebb/tensorflow/graph/inference';
import { ensureNative } from '@hebb/tensorflow/native/ensure';
import { thisHost } from '@hebb/tensorflow/native/host';
import { listGpus } from '@hebb/tensorflow/native/nvidia';
import { probeAddon } from '@hebb/tensorflow/native/probe';
import { Command, Option } from 'commander';
import { cacheFolder } from './cache.ts';
import type { Cli } from './cli.ts';
import { installProgress } from './progress.ts';
import { address, integer, integerOr, integers } from './values.ts';

const EXAMPLES = `
Examples:
  hebb serve --model imagenet
  hebb serve --model imagenet --precision bf16 --max-queue-delay 5
  hebb serve --follow https://hebb.example.com --mirror https://models.example.com
  curl localhost:8788/v2/models/imagenet

Each event is one line of JSON on stdout. SIGTERM and Ctrl-C shut it down gracefully: accepted requests
are answered first.`;

/** `hebb serve`: the GPU tier. It shuts down when `stopped` resolves. */
export function serveCommand(cli: Cli, stopped: () => Promise<string> = told): Command {
  const collect = (value: string, all: string[] = []) => [...all, value];
  return new Command('serve')
    .description('serve full-precision models over HTTP (Open Inference Protocol v2)')
    .option('--model <package>', 'model to serve, repeatable (default: the newest)', collect)
    .option('--repository <folder>', 'folder of packages that can be loaded by name', MODELS_FOLDER)
    .option('--follow <url>', 'serve the same model as this Worker', address)
    .option(
      '--follow-interval <s>',
      'seconds between two polls of that Worker',
      integer(1, 3600),
      10,
    )
    .option('--mirror <url>', 'source of published packages that the repository lacks', address)
    .option('--port <n>', 'port to listen on (default: HEBB_GPU_PORT, or 8788)', integer(0, 65_535))
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .addOption(
      new Option('--backend <name>', 'backend that computes').choices(BACKENDS).default('auto'),
    )
    .option('--require-native', 'refuse to start without native TensorFlow', false)
    .option('--no-require-native', 'turn --require-native off')
    .addOption(
      new Option('--precision <name>', 'number format of native TensorFlow')
        .choices(PRECISIONS)
        .default('f32'),
    )
    .option('--replicas <n>', 'processes per model (default: one per GPU, else 1)', integer(1, 64))
    .option('--max-batch-size <n>', 'largest batch', integer(1, 1024), 32)
    .option(
      '--batch-sizes <list>',
      'batch sizes, as in 1,8,32; other batches are padded',
      integers(1, 1024),
    )
    .option(
      '--max-queue-delay <ms>',
      'longest wait of a request for others to fill its batch; auto adapts it to the traffic',
      integerOr('auto', 0, 60_000),
      'auto',
    )
    .option('--latency-target <ms>', 'latency that auto keeps', integer(1, 600_000), 1000)
    .option(
      '--max-queue-size <n>',
      'images that may wait; further ones get 503',
      integer(1, 100_000),
      512,
    )
    .option(
      '--max-memory-growth <MB>',
      'memory growth after which a process is replaced',
      integer(1, 1e6),
      1000,
    )
    .option('--max-body <MB>', 'largest body of a request', integer(1, 2000), 64)
    .option('--max-bodies <MB>', 'largest sum of all bodies in flight', integer(1, 100_000), 512)
    .option(
      '--decode-threads <n>',
      'threads that decode images',
      integer(1, 256),
      availableParallelism(),
    )
    .option(
      '--drain-timeout <s>',
      'time for requests to finish after SIGTERM',
      integer(0, 3600),
      25,
    )
    .option(
      '--unsigned',
      'accept unsigned requests from any address: a proxy in front checks them',
      false,
    )
    .option('--keys <file>', 'API keys of clients, from hebb keys --file (HEBB_KEYS_FILE)')
    .addOption(
      new Option('--access <mode>', 'loopback: clients on this machine need no key')
        .choices(['keys', 'loopback'])
        .default('keys'),
    )
    .addOption(
      new Option('--door-keys', 'accept the keys of npm start, too').default(false).hideHelp(),
    )
    .addOption(
      new Option('--log-level <level>', 'lowest level that is logged')
        .choices(LOG_LEVELS)
        .default('info'),
    )
    .addHelpText('after', EXAMPLES)
    .action((flags: ServeFlags) => serve(cli, flags, stopped));
}

/** Sizes in MB; times in ms unless noted. */
interface ServeFlags {
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

/** A process that outgrows its bound sooner than this was given too small a bound. */
const MINIMUM_LIFE_MS = 60_000;

/** Serves until `stopped`, then shuts down gracefully. */
async function serve(cli: Cli, flags: ServeFlags, stopped: () => Promise<string>): Promise<void> {
  const began = cli.now();
  keepOn(cli);
  const log = createLog(
    (text, done) => cli.stdout.write(text, done),
    () => new Date(),
    flags.logLevel,
  );
  const options = await serviceOptions(cli, flags);
  const { startService } = await import('@hebb/serve/server/service');
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
 * A failed write ends a command that prints (main.ts), but must not end a service: the log counts lost
 * lines.
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
    secrets,
    keys,
    loopback,
    port: flags.port ?? Number(env.HEBB_GPU_PORT ?? DEFAULT_PORT),
    repository,
    models: named,
    // With --follow and an empty repository no other model has to be loaded first.
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

/** Keys from --keys or HEBB_KEYS_FILE, from HEBB_KEYS, and from the `npm start` that started this. */
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
      throw new HebbError('file_not_found', `The key file cannot be read: ${cause.message}`, {
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
    edge,
    fetch,
    intervalMs: followInterval * 1000,
    cache: join(cacheFolder(cli), 'published'),
    mirror: async () =>
      url
        ? { url, fetch, ...(token && { token }) }
        : await doorMirror(stateFolder(env), edge, fetch),
  };
}

const holdsPackages = async (repository: string): Promise<boolean> =>
  (await createRepository(repository).list()).length > 0;

/** Installs the native library if it is wanted and missing, and tries it. */
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

/** Resolves with the reason when this process gets a signal to end, or when its parent is gone. */
function told(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => resolve(signal));
    }
    if (process.connected) process.once('disconnect', () => resolve('its parent is gone'));
    process.channel?.unref(); // listening to it must not keep this process alive
  });
}
