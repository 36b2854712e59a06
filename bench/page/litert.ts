import { timeEach } from '../measure/clock.ts';
import type { LiteRtModel, PageEngine, PageInput } from './api.ts';

/** The used part of @litertjs/core, declared here since the package is installed on demand. */
interface LiteRt {
  loadLiteRt(wasmFolder: string): Promise<unknown>;
  loadAndCompile(url: string, options: { accelerator: 'wasm' }): Promise<CompiledModel>;
  /** The check by which `loadLiteRt` chooses its build. */
  supportsFeature(feature: 'relaxedSimd'): Promise<boolean>;
  readonly Tensor: new (data: Float32Array, shape: readonly number[]) => LiteRtTensor;
}

interface CompiledModel {
  run(input: LiteRtTensor): Promise<LiteRtTensor[]>;
  delete(): void;
}

interface LiteRtTensor {
  toTypedArray(): Float32Array;
  delete(): void;
}

let loading: Promise<LiteRt> | undefined;

/** Google's LiteRT.js: XNNPACK in WebAssembly, with relaxed SIMD if the browser has it. */
export async function openLiteRt({ model }: LiteRtModel): Promise<PageEngine> {
  loading ??= load();
  const { loadAndCompile, supportsFeature, Tensor } = await loading;
  const compiled = await loadAndCompile(model, { accelerator: 'wasm' });
  const tensorOf = ({ nhwc }: PageInput) => {
    const side = Math.sqrt(nhwc.length / 3);
    return new Tensor(nhwc, [1, side, side, 3]);
  };
  const run = async (tensor: LiteRtTensor): Promise<Float32Array> => {
    const [output] = await compiled.run(tensor);
    const probabilities = output!.toTypedArray().slice();
    output!.delete();
    return probabilities;
  };
  return {
    detail: (await supportsFeature('relaxedSimd')) ? 'relaxed SIMD build' : 'plain SIMD build',
    async classify(input) {
      const tensor = tensorOf(input);
      const probabilities = await run(tensor);
      tensor.delete();
      return probabilities;
    },
    async time(input, runs) {
      const tensor = tensorOf(input);
      const times = await timeEach(runs, () => run(tensor));
      tensor.delete();
      return times;
    },
    close: () => compiled.delete(),
  };
}

async function load(): Promise<LiteRt> {
  const url = '/litert/index.js'; // a variable, so that the bundler leaves the import to the browser
  const library: LiteRt = await import(url);
  await library.loadLiteRt('/litert/wasm/');
  return library;
}
