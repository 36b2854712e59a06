/**
 * Bundles the Worker with wrangler, as a deployment does, into `dist/worker`. The bundle is cached until a source
 * changes, since it takes seconds.
 * @module
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { HebbError } from '@hebb/model/errors';
import { withLock } from '@hebb/packages/storage/lock';
import { builtOnce, type Sources } from './stamp.ts';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const BUNDLE_FOLDER = join(ROOT, 'dist', 'worker');
/** Static assets of a deployment; the same folder as in wrangler.toml. */
export const ASSETS_FOLDER = join(ROOT, 'dist', 'assets');

const CONFIG = join(ROOT, 'wrangler.toml');
const STAMP = join(ROOT, 'dist', 'worker.json');
const SOURCES: Sources = {
  root: ROOT,
  folders: [join('edge', 'worker'), 'shared'],
  // The pages have a build of their own.
  wanted: (path) => ['.ts', '.wasm'].includes(extname(path)) && !path.endsWith('.test.ts'),
  files: [CONFIG, join(ROOT, 'package-lock.json')],
};

/** A module of the Worker for workerd. */
export interface WorkerModule {
  readonly type: 'ESModule' | 'CompiledWasm';
  readonly path: string;
  readonly contents: string | Uint8Array<ArrayBuffer>;
}

export interface WorkerBundle {
  /** The entry module comes first. */
  readonly modules: readonly WorkerModule[];
  /** Bindings and compatibility date of wrangler.toml as Miniflare's worker options. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Wrangler's line on the size: `Total Upload: … KiB / gzip: … KiB`. */
  readonly size: string;
}

/** The Worker's modules, bundled first if a source has changed. */
export async function bundleWorker(): Promise<WorkerBundle> {
  return await withLock(join(ROOT, '.cache', 'bundle.lock'), async () => {
    const built = await builtOnce(STAMP, SOURCES, async () => ({
      size: await runWrangler(),
      options: await workerOptions(),
    }));
    return { modules: await readModules(), ...built };
  });
}

/** Runs `wrangler deploy --dry-run`, which needs no account, and returns the line with the size. */
async function runWrangler(): Promise<string> {
  for (const old of [STAMP, BUNDLE_FOLDER]) await rm(old, { recursive: true, force: true });
  await mkdir(ASSETS_FOLDER, { recursive: true });
  const wrangler = join(ROOT, 'node_modules', 'wrangler', 'bin', 'wrangler.js');
  const args = [wrangler, 'deploy', '--dry-run', '--outdir', BUNDLE_FOLDER];
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', FORCE_COLOR: '0' };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, env });
    return stdout.split('\n').find((line) => line.startsWith('Total Upload:')) ?? '';
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string };
    throw new HebbError('internal', `The Worker does not build.\n${stdout}${stderr}`, {
      hint: 'Fix the errors that wrangler reports above.',
      cause,
    });
  }
}

async function workerOptions(): Promise<Record<string, unknown>> {
  const { unstable_getMiniflareWorkerOptions } = await import('wrangler');
  const { workerOptions } = unstable_getMiniflareWorkerOptions(CONFIG);
  const { modulesRules: _, ...options } = workerOptions; // already applied by wrangler
  return options as Record<string, unknown>;
}

async function readModules(): Promise<WorkerModule[]> {
  const files = (await readdir(BUNDLE_FOLDER)).sort();
  const [scripts, wasm] = ['.js', '.wasm'].map((ext) => files.filter((f) => extname(f) === ext));
  return await Promise.all([
    ...scripts!.map(async (file) => {
      const path = join(BUNDLE_FOLDER, file);
      return { type: 'ESModule' as const, path, contents: await readFile(path, 'utf8') };
    }),
    ...wasm!.map(async (file) => {
      const path = join(BUNDLE_FOLDER, file);
      return {
        type: 'CompiledWasm' as const,
        path,
        contents: new Uint8Array(await readFile(path)),
      };
    }),
  ]);
}
