/**
 * ONNX Runtime, native and in WebAssembly: two packages with the same API.
 * @module
 */

import { readFile } from 'node:fs/promises';
import type * as OrtNode from 'onnxruntime-node';
import { timeEach } from '../measure/clock.ts';
import type { Input } from '../network/inputs.ts';
import { peerPath } from '../peers/install.ts';
import { withVersion } from '../peers/versions.ts';
import type { BenchEngine } from './engine.ts';

/** The common part of both packages (onnxruntime-common). */
type Ort = Pick<typeof OrtNode, 'InferenceSession' | 'Tensor' | 'env'>;

interface Package {
  readonly id: string;
  readonly name: string;
  readonly host: 'Node' | 'native';
  readonly provider: 'wasm' | 'cpu';
  load(): Promise<Ort>;
  installed(peersInstalled: boolean): boolean;
}

const WEB: Package = {
  id: 'ort-web',
  name: withVersion('onnxruntime-web'),
  host: 'Node',
  provider: 'wasm',
  async load() {
    const ort: Ort = await import(peerPath('onnxruntime-web', 'dist', 'ort.node.min.mjs'));
    ort.env.wasm.numThreads = 1;
    return ort;
  },
  installed: (peersInstalled) => peersInstalled,
};

const NATIVE: Package = {
  id: 'ort-node',
  name: withVersion('onnxruntime-node'),
  host: 'native',
  provider: 'cpu',
  load: async () => await import('onnxruntime-node'),
  installed: () => true,
};

function engine(of: Package, precision: 'float32' | 'int8'): BenchEngine {
  const file = `${precision}.onnx` as const;
  return {
    info: {
      id: `${of.id}-${precision}`,
      name: of.name,
      host: of.host,
      precision,
      ours: false,
    },
    missing({ peerFiles, peersInstalled }) {
      if (!of.installed(peersInstalled)) return 'the peers are not installed';
      return peerFiles[file] ? undefined : `there is no ${file}: run with --make-peer-models`;
    },
    async open({ network, peerFiles }) {
      const ort = await of.load();
      const side = network.network.spec.inputSize;
      const options = {
        executionProviders: [of.provider],
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
      };
      const model = new Uint8Array(await readFile(peerFiles[file]!));
      const session = await ort.InferenceSession.create(model, options);
      const feed = (input: Input) => ({
        input: new ort.Tensor('float32', toNchw(input.nhwc, side), [1, 3, side, side]),
      });
      return {
        async classify(input) {
          const { probabilities } = await session.run(feed(input));
          return Float32Array.from(probabilities!.data as Float32Array);
        },
        time(input, runs) {
          const feeds = feed(input);
          return timeEach(runs, () => session.run(feeds));
        },
        close: () => session.release(),
      };
    },
  };
}

/** [side, side, 3] to [3, side, side]. */
function toNchw(nhwc: Float32Array, side: number): Float32Array {
  const area = side * side;
  return nhwc.map((_, i) => nhwc[(i % area) * 3 + Math.floor(i / area)]!);
}

export const ortWebFloat32 = engine(WEB, 'float32');
export const ortWebInt8 = engine(WEB, 'int8');
export const ortNodeFloat32 = engine(NATIVE, 'float32');
export const ortNodeInt8 = engine(NATIVE, 'int8');
