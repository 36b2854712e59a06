import { readFile } from 'node:fs/promises';
import { loadEngine } from '@hebb/engine';
import { timeEach } from '../measure/clock.ts';
import type { BenchEngine } from './engine.ts';
import { HEBB, KERNELS } from './hebb.ts';
import { kernelsUsed } from './kernels-used.ts';

/** Our int8 engine in Node. */
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
