import { loadEngine } from '@hebb/engine';
import { kernelsUsed } from '../engines/kernels-used.ts';
import { timeEach } from '../measure/clock.ts';
import type { HebbModel, PageEngine } from './api.ts';
import { fetchBytes } from './fetch.ts';

/** Our int8 engine: the very code that the Worker runs. */
export async function openHebb({ weights, kernels, spec }: HebbModel): Promise<PageEngine> {
  const module = await WebAssembly.compile(await fetchBytes(kernels));
  const engine = loadEngine(module, spec, await fetchBytes(weights));
  return {
    detail: kernelsUsed(engine.steps),
    classify: async ({ pixels }) => engine.classify(pixels),
    time: ({ pixels }, runs) => timeEach(runs, () => engine.classify(pixels)),
    close() {},
  };
}
