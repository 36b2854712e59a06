import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Miniflare } from 'miniflare';
import { bundleCode } from '../bundle.ts';
import type { Input } from '../network/input.ts';
import type { BenchEngine } from './engine.ts';
import { HEBB, KERNELS } from './hebb.ts';

const WORKER = fileURLToPath(new URL('../workerd/worker.ts', import.meta.url));

/** Our int8 engine in workerd, the runtime of Cloudflare Workers, timed from outside. */
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
      // The mean of all runs but the first, which warms up: one request less an empty one.
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
