import { createReference } from '@hebb/model/reference/reference';
import { loadTfjsWasm } from '@hebb/tensorflow/backend/tfjs-wasm';
import { timeEach } from '../measure/clock.ts';
import { withVersion } from '../peers/versions.ts';
import type { BenchEngine } from './engine.ts';

/** TensorFlow.js on its WASM backend, which is also the float reference. */
export const tfjsWasm: BenchEngine = {
  info: {
    id: 'tfjs-wasm',
    name: withVersion('@tensorflow/tfjs-backend-wasm', 'tfjs-backend-wasm'),
    host: 'Node',
    precision: 'float32',
    ours: false,
  },
  // One thread: the backend's threads need Web Workers, which Node lacks.
  missing: () => undefined,
  async open({ network }) {
    const reference = createReference(await loadTfjsWasm(), network.network, network.weights);
    return {
      classify: async (input) => reference.classify(input.nhwc),
      time: (input, runs) => timeEach(runs, () => reference.classify(input.nhwc)),
      close: async () => reference.dispose(),
    };
  },
};
