/**
 * `npm start`: runs the Worker with a model in workerd on this machine, and the GPU tier beside it.
 *
 *   npm start
 *   npm start -- --model imagenet --port 9000
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { accessMode, passedOn } from '@hebb/local/access';
import { stagePages } from '@hebb/local/build-pages';
import { bundleWorker, ROOT } from '@hebb/local/bundle';
import { chooseModel } from '@hebb/local/choose-model';
import { checkPort, freePort, parsePort } from '@hebb/local/ports';
import { servePublishable } from '@hebb/local/serve-publishable';
import { stageModel } from '@hebb/local/stage-model';
import { HebbError } from '@hebb/model/errors';
import { type Manifest, PACKAGE_FILES } from '@hebb/model/package/manifest';
import { checkFree } from '@hebb/models/publish/door/knock';
import { stateFolder } from '@hebb/models/publish/open-store';
import { BUILT_IN_MODEL } from '@hebb/packages/find';
import { type GpuTier, type GpuTierOptions, startGpuTier } from './gpu-tier.ts';
import packageJson from './package.json' with { type: 'json' };

const HELP = `npm start -- [options]

  --model PACKAGE     a model package: a folder, or a name under models/ (the newest there)
  --port N            port of the Worker (8787, or HEBB_PORT)
  --gpu-port N        port of the GPU tier (8788, or HEBB_GPU_PORT)
  --edge-only         without the GPU tier (HEBB_GPU_URL names one that runs elsewhere)
  --host ADDRESS      address to listen on (127.0.0.1)
  --help
`;

/** An image to try the built-in model on. */
const SAMPLE = join(ROOT, 'test', 'samples', 'sunflower.jpg');

interface Options {
  readonly model: string | undefined;
  readonly port: number;
  readonly gpuPort: number;
  readonly edgeOnly: boolean;
  readonly host: string;
  readonly help: boolean;
}

function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): Options {
  const string = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      model: string,
      port: string,
      'gpu-port': string,
      'edge-only': { type: 'boolean', default: false },
      host: { ...string, default: '127.0.0.1' },
      help: { type: 'boolean', default: false },
    },
  });
  const port = values.port ?? env.HEBB_PORT ?? '8787';
  const gpuPort = values['gpu-port'] ?? env.HEBB_GPU_PORT ?? '8788';
  return {
    model: values.model,
    port: parsePort(port, values.port === undefined ? 'HEBB_PORT' : '--port'),
    gpuPort: parsePort(gpuPort, values['gpu-port'] === undefined ? 'HEBB_GPU_PORT' : '--gpu-port'),
    edgeOnly: values['edge-only'],
    host: values.host,
    help: values.help,
  };
}

async function start(options: Options): Promise<void> {
  const began = Number(process.env.HEBB_BEGAN ?? performance.timeOrigin);
  const cwd = process.cwd();
  const state = stateFolder(process.env);
  await checkFree(state, fetch);
  await checkPort(options.port, options.host);
  const hop = await hopTo(options, process.env);
  const dir = await chooseModel(options.model, cwd, (broken, reason) =>
    process.stderr.write(`${relative(cwd, broken)} is skipped: ${reason}\n`),
  );
  // In the state folder, which only one server uses: other servers may have other models.
  const assets = join(state, 'hebb-assets');
  const manifest = await stageModel(dir, assets);
  await stagePages(assets);
  const bundle = await bundleWorker();
  await checkPort(options.port, options.host); // again, since the build takes some time
  const access = accessMode(options.host, process.env);
  const server = servePublishable(bundle, {
    assets,
    port: options.port,
    host: options.host,
    state,
    vars: {
      HEBB_ACCESS: access,
      // Short, since the developer waits for the effect of a command.
      HEBB_POINTER_AGE_MS: '1000',
      HEBB_KEY_AGE_MS: '1000',
      ...hop.vars,
      ...passedOn(process.env),
    },
  });
  const url = await server.ready;
  let tier: GpuTier | undefined;
  stopOnSignal(async () => {
    await Promise.all([tier?.stop(), server.close()]);
  });
  const ready = await fetch(new URL('/readyz', url));
  if (!ready.ok) {
    await server.close();
    throw new HebbError('internal', `The Worker is not ready: ${await ready.text()}`);
  }
  const { model: served } = (await ready.json()) as { model: Served };
  const took = Date.now() - began;
  process.stdout.write(banner(url.origin, manifest, relative(cwd, dir) || dir, took));
  if (served.version !== manifest.version) process.stdout.write(publishedNote(served));
  if (access !== 'loopback') process.stdout.write(keysNote);
  const { host } = options;
  if (hop.own) tier = gpuTier(manifest, dir, { ...hop.own, edge: url.origin, host, access });
}

/** The GPU tier to use: the one of HEBB_GPU_URL, or a new one with a new secret. */
async function hopTo({ edgeOnly, gpuPort, host }: Options, env: NodeJS.ProcessEnv) {
  const { HEBB_GPU_URL: url, HEBB_HOP_SECRET: known } = env;
  if (edgeOnly) return { vars: {} };
  if (url) {
    return { vars: { HEBB_GPU_URL: url, ...(known && { HEBB_HOP_SECRET: known }) } };
  }
  const port = await freePort(gpuPort, host, '--gpu-port');
  const secret = randomBytes(32).toString('hex');
  const loopback = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const address = loopback.includes(':') ? `[${loopback}]` : loopback;
  const vars = { HEBB_GPU_URL: `http://${address}:${port}`, HEBB_HOP_SECRET: secret };
  return { vars, own: { port, secret } };
}

/** Starts the tier if the package has full-precision weights. */
function gpuTier(
  manifest: Manifest,
  model: string,
  options: Omit<GpuTierOptions, 'model' | 'say'>,
): GpuTier | undefined {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  if (manifest.files[PACKAGE_FILES.f32]) return startGpuTier({ ...options, model, say });
  say('  gpu    not started: the package has no full-precision weights');
  return undefined;
}

/** The model in the answer of /readyz. */
interface Served {
  readonly name: string;
  readonly version: string;
}

const publishedNote = ({ name, version }: Served): string => `
The published model ${name} ${version.slice(0, 12)} is served instead.
npx hebb models lists the published models, npx hebb rollback --to built-in goes back.
`;

const keysNote = `
Callers need a key. Create one: npx hebb keys create --name NAME (docs/security.md)
`;

function banner(origin: string, manifest: Manifest, dir: string, ms: number): string {
  const url = origin.replace('127.0.0.1', 'localhost');
  const { name, version, labels } = manifest;
  const image = resolve(dir) === BUILT_IN_MODEL ? relative('.', SAMPLE) : 'photo.jpg';
  return `hebb ${packageJson.version}

  model  ${name} ${version.slice(0, 12)}, ${labels.length} classes, from ${dir}
  edge   ${url}, ready in ${(ms / 1000).toFixed(1)} s

Open ${url} in a browser, or classify an image:

  curl --data-binary @${image} ${url}/v1/classify

Ctrl-C stops it.
`;
}

/**
 * Stops the server once, even if Ctrl-C is pressed again or npm forwards the signal too. Removes the handlers of
 * Miniflare, which would exit at once with 130: right during the start, but not afterwards.
 */
function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.removeAllListeners(signal);
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      void stop().finally(() => process.exit(0));
    });
  }
}

function fail(error: unknown): void {
  const usage = error instanceof TypeError && 'code' in error; // of parseArgs
  if (error instanceof HebbError) {
    process.stderr.write(`error ${error.code}: ${error.message}\n  → ${error.hint}\n`);
  } else if (usage) {
    process.stderr.write(`error invalid_argument: ${error.message}\n\n${HELP}`);
  } else {
    console.error(error);
  }
  process.exitCode = usage ? 2 : 1;
}

try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options.help) process.stdout.write(HELP);
  else await start(options);
} catch (error) {
  fail(error);
}
