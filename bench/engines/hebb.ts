/**
 * Our int8 engine in Node, on a page in Chromium, and in workerd.
 * @module
 */

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { loadEngine } from '@hebb/engine';
import { Miniflare } from 'miniflare';
import { bundleCode } from '../bundle.ts';
import { timeEach } from '../measure/clock.ts';
import type { Input } from '../network/inputs.ts';
import type { BenchEngine, EngineInfo } from './engine.ts';
import { openOnPage } from './in-page.ts';
import { kernelsUsed } from './kernels-used.ts';

const HEBB = {
  name: 'Hebb',
  precision: 'int8',
  ours: true,
} as const satisfies Partial<EngineInfo>;

const build = (name: string): string =>
  fileURLToPath(new URL(`../../shared/engine/kernels/dist/${name}.wasm`, import.meta.url));

/** Paths of the relaxed SIMD build of the kernels, and of the build for engines without relaxed SIMD. */
export const KERNELS = build('relaxed');
export const KERNELS_SIMD128 = build('simd128');

export const hebbNode: BenchEngine = {
  info: { ...HEBB, id: 'hebb-node', host: 'Node' },
  missing: () => undefined,
  async open({ network }) {
    const module = new WebAssembly.Module(await readFile(KERNELS));
    const engine = loadEngine(module, network.network.spec, network.int8);
    return {
      detail: kernelsUsed(engine.steps),
      memoryBytes: engine.memoryBytes(),
      classify: async ({ pixels }) => engine.classify(pixels),
      time: ({ pixels }, runs) => timeEach(runs, () => engine.classify(pixels)),
      close: async () => {},
    };
  },
};

/** On the same page as LiteRT.js. */
export const hebbPage: BenchEngine = {
  info: { ...HEBB, id: 'hebb-page', host: 'Chromium' },
  missing: ({ page }) => (page ? undefined : 'there is no Chromium: set CHROMIUM_PATH'),
  async open({ network, page }) {
    const { server } = page!;
    return openOnPage(page!, `${network.id}/hebb`, {
      library: 'hebb',
      weights: server.serve(`/models/${network.id}/int8.safetensors`, () => network.int8),
      kernels: server.serve('/hebb/kernels.wasm', () => readFile(KERNELS)),
      spec: network.network.spec,
    });
  },
};

const WORKER = fileURLToPath(new URL('../workerd/worker.ts', import.meta.url));

/** In workerd, the runtime of Cloudflare Workers, timed from outside. */
export const hebbWorkerd: BenchEngine = {
  info: { ...HEBB, id: 'hebb-workerd', host: 'workerd' },
  missing: () => undefined,
  async open({ network }) {
    const modules = {
      'worker.mjs': { type: 'esm', contents: await workerScript() },
      'bench-kernels.wasm': { type: 'wasm', contents: new Uint8Array(await readFile(KERNELS)) },
      'bench-weights.bin': { type: 'data', contents: network.int8 },
      'bench-spec.json': { type: 'json', contents: JSON.stringify(network.network.spec) },
    } as const;
    const manifest = { mainModule: 'worker.mjs', modules };
    const config = { name: 'bench', compatibilityDate: '2026-01-01', manifest };
    const miniflare = new Miniflare({ workers: [{ config }] });
    const post = async ({ pixels }: Input, runs: number): Promise<ArrayBuffer> => {
      const url = `http://localhost/?runs=${runs}`;
      const response = await miniflare.dispatchFetch(url, { method: 'POST', body: pixels });
      if (!response.ok) throw new Error(`workerd: ${await response.text()}`);
      return response.arrayBuffer();
    };
    const elapsed = async (input: Input, runs: number): Promise<number> => {
      const start = performance.now();
      await post(input, runs);
      return performance.now() - start;
    };
    return {
      classify: async (input) => new Float32Array(await post(input, 1)),
      // The runs after the first (a warm-up) are one request; the time of an empty request is subtracted.
      async time(input, runs) {
        const first = await elapsed(input, 1);
        const empty = await elapsed(input, 0);
        const mean = ((await elapsed(input, runs - 1)) - empty) / (runs - 1);
        return [first, ...new Array<number>(runs - 1).fill(mean)];
      },
      close: () => miniflare.dispose(),
    };
  },
};

function workerScript(): Promise<string> {
  return bundleCode(`export { default } from ${JSON.stringify(WORKER)};`, 'esm', [
    'bench-kernels.wasm',
    'bench-weights.bin',
    'bench-spec.json',
  ]);
}
