import { foldBatchNorm, HebbError } from '@hebb/model';
import {
  GRAPH_INPUT,
  GRAPH_OUTPUTS,
  type GraphOutput,
  type InferenceModel,
  inferenceGraph,
  type Precision,
} from './inference.ts';
import { CENTRED_PIXELS, centredFromNormalised } from './pixels.ts';
import { inferenceSavedModel } from './saved-model.ts';
import { type Feed, type GraphBinding, loadGraph } from './session.ts';

export interface GraphRunnerOptions extends InferenceModel {
  readonly binding: GraphBinding;
  readonly precision?: Precision;
  /** True if our own kernels are loaded (`loadKernels`). */
  readonly kernels?: boolean;
}

/** Per output float32 [n · size], row-major. */
export type GraphResult = Readonly<Record<GraphOutput, Float32Array>>;

export interface GraphRunner {
  /**
   * Classifies `n` images at once. Blocks the thread until the result is computed.
   * @param pixels uint8 RGB [n, s, s, 3]
   */
  run(pixels: Uint8Array, n: number): GraphResult;
  /** The same for normalised float32 NHWC [n, s, s, 3] (see `normalise`). */
  runNormalised(input: Float32Array, n: number): GraphResult;
  /** Frees the graph; `run` then throws. */
  dispose(): void;
}

const OUTPUTS = Object.keys(GRAPH_OUTPUTS) as GraphOutput[];

/** Compiles the network to a graph with batch norm folded, and loads it into TensorFlow. */
export async function createGraphRunner({
  binding,
  precision = 'f32',
  kernels = false,
  ...model
}: GraphRunnerOptions): Promise<GraphRunner> {
  const folded = { ...model, ...foldBatchNorm(model.network, model.weights) };
  const { spec } = folded.network;
  const graph = inferenceGraph(folded, { precision, kernels });
  const session = await loadGraph(binding, inferenceSavedModel(graph, spec));
  const compute = (n: number, feed: Pick<Feed, 'name' | 'dtype' | 'data'>): GraphResult => {
    checkLength(feed.data.length, n, spec.inputSize);
    const shape = [n, spec.inputSize, spec.inputSize, 3];
    const results = session.run([{ ...feed, shape }], OUTPUTS) as Float32Array[];
    const [probabilities, logits, embedding] = results;
    return { probabilities: probabilities!, logits: logits!, embedding: embedding! };
  };
  return {
    run: (pixels, n) => compute(n, { name: GRAPH_INPUT, dtype: binding.TF_UINT8, data: pixels }),
    runNormalised(input, n) {
      const data = centredFromNormalised(input, model.preprocessing);
      return compute(n, { name: CENTRED_PIXELS, dtype: binding.TF_FLOAT, data });
    },
    dispose: session.dispose,
  };
}

function checkLength(length: number, n: number, inputSize: number): void {
  if (n >= 1 && length === n * inputSize ** 2 * 3) return;
  const expected = `[${n}, ${inputSize}, ${inputSize}, 3]`;
  throw new HebbError('invalid_argument', `${length} values are not images ${expected}.`);
}
