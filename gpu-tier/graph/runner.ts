import { foldBatchNorm, HebbError } from '../../shared/model/index.ts';
import {
  GRAPH_INPUT,
  GRAPH_OUTPUTS,
  type GraphOutput,
  type InferenceModel,
  inferenceGraph,
  type Precision,
} from './inference.ts';
import { inferenceSavedModel } from './saved-model.ts';
import { type GraphBinding, loadGraph } from './session.ts';

export interface GraphRunnerOptions extends InferenceModel {
  readonly binding: GraphBinding;
  readonly precision?: Precision;
}

/** Per output float32 [n · size], row-major. */
export type GraphResult = Readonly<Record<GraphOutput, Float32Array>>;

export interface GraphRunner {
  /**
   * Classifies `n` images at once: `pixels` is uint8 RGB [n, s, s, 3]. Blocks the thread until the
   * answer is there.
   */
  run(pixels: Uint8Array, n: number): GraphResult;
  /** Frees the graph; `run` then throws. */
  dispose(): void;
}

const OUTPUTS = Object.keys(GRAPH_OUTPUTS) as GraphOutput[];

/** Compiles the network to a graph, batch norm folded, and loads it into TensorFlow. */
export async function createGraphRunner({
  binding,
  precision = 'f32',
  ...model
}: GraphRunnerOptions): Promise<GraphRunner> {
  const folded = { ...model, ...foldBatchNorm(model.network, model.weights) };
  const { spec } = folded.network;
  const graph = inferenceGraph(folded, precision);
  const session = await loadGraph(binding, inferenceSavedModel(graph, spec));
  const imageShape = [spec.inputSize, spec.inputSize, 3];
  return {
    run(pixels, n) {
      checkLength(pixels, n, spec.inputSize);
      const feed = { name: GRAPH_INPUT, dtype: binding.TF_UINT8, shape: [n, ...imageShape] };
      const results = session.run([{ ...feed, data: pixels }], OUTPUTS) as Float32Array[];
      const [probabilities, logits, embedding] = results;
      return { probabilities: probabilities!, logits: logits!, embedding: embedding! };
    },
    dispose: session.dispose,
  };
}

function checkLength(pixels: Uint8Array, n: number, inputSize: number): void {
  if (n >= 1 && pixels.length === n * inputSize ** 2 * 3) return;
  const expected = `[${n}, ${inputSize}, ${inputSize}, 3]`;
  throw new HebbError('invalid_argument', `${pixels.length} bytes are no pixels ${expected}.`);
}
