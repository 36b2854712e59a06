/**
 * The page on which engines are measured: opens, runs and times them. Everything runs on the main thread:
 * without cross-origin isolation no engine has threads.
 * @module
 */

import { loadEngine } from '@hebb/engine';
import { kernelsUsed } from '../engines/kernels-used.ts';
import { timeEach } from '../measure/clock.ts';
import type { HebbModel, PageApi, PageEngine, PageInput, PageModel } from './api.ts';
import { openLiteRt } from './litert.ts';

const engines = new Map<string, PageEngine>();
const inputs = new Map<string, PageInput>();

const bench: PageApi = {
  async open(name, model) {
    const engine = await open(model);
    engines.set(name, engine);
    return engine.detail;
  },
  async input(name, pixels, nhwc) {
    const [bytes, floats] = await Promise.all([fetchBytes(pixels), fetchBytes(nhwc)]);
    inputs.set(name, { pixels: bytes, nhwc: new Float32Array(floats.buffer) });
  },
  async classify(engine, input) {
    return Array.from(await engines.get(engine)!.classify(inputs.get(input)!));
  },
  time: (engine, input, runs) => engines.get(engine)!.time(inputs.get(input)!, runs),
  async close(engine) {
    engines.get(engine)?.close();
    engines.delete(engine);
  },
};

const open = (model: PageModel): Promise<PageEngine> =>
  model.library === 'hebb' ? openHebb(model) : openLiteRt(model);

Object.assign(globalThis, { bench });

/** Our int8 engine, with the same code as in the Worker. */
async function openHebb({ weights, kernels, spec }: HebbModel): Promise<PageEngine> {
  const module = await WebAssembly.compile(await fetchBytes(kernels));
  const engine = loadEngine(module, spec, await fetchBytes(weights));
  return {
    detail: kernelsUsed(engine.steps),
    classify: async ({ pixels }) => engine.classify(pixels),
    time: ({ pixels }, runs) => timeEach(runs, () => engine.classify(pixels)),
    close() {},
  };
}

/** The bytes at a URL. Rejects if the status is not 2xx. */
async function fetchBytes(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return new Uint8Array(await response.arrayBuffer());
}
