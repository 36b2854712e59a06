/**
 * `@hebb/engine`, packed, installed into an empty project, and used in Node, in a browser and in a Worker as its
 * README shows.
 */
import { execFile } from 'node:child_process';
import { cp, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadEngine } from '@hebb/engine';
import { ROOT } from '@hebb/local/bundle';
import { BUILT_IN_MODEL } from '@hebb/packages/find';
import { readPackage } from '@hebb/packages/folder';
import { loadKernels } from '@hebb/train/quantize/kernels';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { unstable_getMiniflareWorkerOptions } from 'wrangler';
import { startBrowser } from '../support/browser.ts';
import { startServer } from '../support/http-server.ts';
import { exampleOf, installed, type Project } from './installed.ts';

const README = 'shared/engine/README.md';

let project: Project;
let labels: readonly string[];
/** Answers of this checkout's engine for a black image. */
let expected: Float32Array;

beforeAll(async () => {
  project = await installed('engine');
  await cp(BUILT_IN_MODEL, join(project.dir, 'model'), { recursive: true });
  const { manifest, bytes } = await readPackage(BUILT_IN_MODEL);
  labels = manifest.labels.map(({ name }) => name);
  const engine = loadEngine(await loadKernels(), manifest.network, await bytes('int8'));
  expected = engine.classify(new Uint8Array(engine.inputSize ** 2 * 3));
});

const best = () => labels[expected.indexOf(Math.max(...expected))]!;

it('has at most 60 KB of code and kernels, and no dependencies', async () => {
  const folder = join(project.dir, 'node_modules', '@hebb', 'engine');
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  expect(manifest.dependencies).toBeUndefined();
  expect(manifest.scripts).toBeUndefined();
  const files = await readdir(folder);
  const code = files.filter((file) => /\.(js|wasm)$/.test(file));
  expect(code.toSorted()).toEqual(['index.js', 'relaxed.wasm', 'simd128.wasm']);
  const sizes = await Promise.all(code.map(async (file) => (await stat(join(folder, file))).size));
  expect(sizes.reduce((a, b) => a + b)).toBeLessThanOrEqual(60 * 1024);
});

it('classifies in Node, with the README’s example', async () => {
  await project.write('node.js', await exampleOf(README, 'In Node'));
  expect(await project.node('node.js')).toBe(`${best()}\n`);
});

it('has declarations that compile in strict mode', async () => {
  await project.write(
    'typed.ts',
    `import { type Int8Engine, loadEngine } from '@hebb/engine';
     declare const kernels: WebAssembly.Module;
     declare const weights: Uint8Array<ArrayBuffer>;
     declare const network: Parameters<typeof loadEngine>[1];
     const engine: Int8Engine = loadEngine(kernels, network, weights);
     export const probabilities: Float32Array = engine.classify(new Uint8Array(3));
     // @ts-expect-error: pixels are bytes
     engine.classify('pixels');`,
  );
  await project.typecheck('typed.ts');
});

it('classifies in a browser, with the README’s example', async () => {
  const folder = join(project.dir, 'node_modules', '@hebb', 'engine');
  const file = (path: string, type: string) => async () => ({ body: await readFile(path), type });
  const page = `<!doctype html><img src="/black.png"><script type="importmap">
    {"imports":{"@hebb/engine":"/engine/index.js"}}</script>`;
  const routes: Record<string, () => Promise<{ body: string | Buffer; type: string }>> = {
    '/': async () => ({ body: page, type: 'text/html' }),
    '/black.png': async () => ({ body: BLACK, type: 'image/png' }),
    '/engine/index.js': file(join(folder, 'index.js'), 'text/javascript'),
    '/engine/relaxed.wasm': file(join(folder, 'relaxed.wasm'), 'application/wasm'),
    '/engine/simd128.wasm': file(join(folder, 'simd128.wasm'), 'application/wasm'),
    '/model/manifest.json': file(join(project.dir, 'model', 'manifest.json'), 'application/json'),
    '/model/weights.int8.safetensors': file(
      join(project.dir, 'model', 'weights.int8.safetensors'),
      'application/octet-stream',
    ),
  };
  const server = await startServer((request, response) => {
    void routes[request.url ?? '']?.().then(({ body, type }) => {
      response.writeHead(200, { 'Content-Type': type }).end(body);
    });
  });
  const browser = await startBrowser();
  onTestFinished(() => browser.close());
  const tab = await browser.newPage();
  await tab.goto(`${server.url}/`);
  const said = tab.waitForEvent('console');
  await tab.addScriptTag({ type: 'module', content: await exampleOf(README, 'In a browser') });
  expect((await said).text()).toBe(best());
});

/** One black pixel. */
const BLACK = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC',
  'base64',
);

it('classifies in workerd, with the README’s Worker built by wrangler', async () => {
  await project.write('worker.js', await exampleOf(README, 'In a Worker'));
  await project.write(
    'wrangler.toml',
    'name = "mine"\nmain = "worker.js"\ncompatibility_date = "2026-06-01"\n' +
      '[assets]\ndirectory = "public"\nbinding = "ASSETS"\n',
  );
  await cp(BUILT_IN_MODEL, join(project.dir, 'public', 'model'), { recursive: true });
  const wrangler = join(ROOT, 'node_modules', 'wrangler', 'bin', 'wrangler.js');
  const args = ['deploy', '--dry-run', '--outdir', 'out'];
  await promisify(execFile)(process.execPath, [wrangler, ...args], {
    cwd: project.dir,
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
  });
  const out = join(project.dir, 'out');
  const wasm = (await readdir(out)).filter((file) => file.endsWith('.wasm'));
  expect(wasm).toHaveLength(1); // only the build that it imports
  const contents = async (path: string) => new Uint8Array(await readFile(join(out, path)));
  const script = await readFile(join(out, 'worker.js'), 'utf8');
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(project.dir, 'wrangler.toml'));
  const mine = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      telemetry: { enabled: false },
      workers: [
        {
          name: 'mine',
          compatibilityDate: '2026-06-01',
          assets: { ...(workerOptions.assets as object), directory: join(project.dir, 'public') },
          modulesRoot: out,
          modules: [
            { type: 'ESModule', path: join(out, 'worker.js'), contents: script },
            { type: 'CompiledWasm', path: join(out, wasm[0]!), contents: await contents(wasm[0]!) },
          ],
        },
      ],
    }),
  );
  onTestFinished(() => mine.dispose());
  const body = new Uint8Array(224 * 224 * 3);
  const response = await mine.dispatchFetch('http://mine.example/', { method: 'POST', body });
  expect(new Float32Array((await response.json()) as number[])).toEqual(expected);
});
