import { savedModel } from '@hebb/tensorflow/graph/saved-model';
import {
  type Feed,
  type GraphSession,
  loadGraph,
  unsharedCopy,
} from '@hebb/tensorflow/graph/session';
import type { Binding } from '@hebb/tensorflow/native/binding';
import type { Batch } from '../augment/batch.ts';
import {
  EVALUATION_OUTPUT,
  STEP_INPUTS,
  STEP_OUTPUT,
  type StepGraphOptions,
  stepGraph,
  WEIGHT_NORMS,
  weightsShape,
} from './step-graph.ts';
import { INITIALISE, initialName, stateName } from './variables.ts';

/** The values of all variables by name, float32: weights, optimiser slots, averages. */
export type TrainingState = ReadonlyMap<string, Float32Array>;

export interface StepInput {
  readonly batch: Batch;
  /** float32 [n · classes]; rows sum to 1, except with sigmoid. */
  readonly labels: Float32Array;
  /** float32 [n]: weight of each image in its mix; used with mixup only. */
  readonly shares: Float32Array;
  /** float32 [n], with sigmoid [n · classes]: weights of the loss; used with `weighted` only. */
  readonly weights: Float32Array;
  readonly seed: number;
  readonly rate: number;
  /** Steps before this one, for Adam's bias correction. */
  readonly step: number;
  /** Decay of the moving average. */
  readonly averageDecay: number;
}

/** Figures of a step, measured before its update: see `StepGraph.figures`. */
export type StepFigures = Readonly<Record<string, number>>;

/** A training graph in TensorFlow, with its state. All calls block the thread. */
export interface TrainingSession {
  /** Names and shapes of the variables. */
  readonly variables: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** Sets every variable; call it first. Throws when one is missing. */
  initialise(state: TrainingState): void;
  step(input: StepInput): StepFigures;
  /** The gradients of these parameters for a batch, without an update. */
  gradients(input: StepInput, parameters: readonly string[]): Float32Array[];
  /** The norm of each row's kernels now: `conv1`, `inception3a`, …, `linear`. */
  weightNorms(): Readonly<Record<string, number>>;
  /** Probabilities, float32 [n · classes], of uint8 RGB [n, e, e, 3]. */
  evaluate(pixels: Uint8Array, n: number): Float32Array;
  state(): Map<string, Float32Array>;
  dispose(): void;
}

export async function createTrainingSession(
  binding: Binding,
  options: StepGraphOptions,
): Promise<TrainingSession> {
  const { graph, variables, figures, rows } = stepGraph(options);
  const session = await loadGraph(binding, savedModel(graph));
  const feeds = new StepFeeds(binding, options);
  const e = options.evaluationSize;
  return {
    variables: variables.map(({ name, shape }) => ({ name, shape })),
    initialise(state) {
      const initial = variables.map(({ name, shape }): Feed => {
        const data = state.get(name);
        if (!data) throw new Error(`The state has no ${name}.`);
        const feed = { name: initialName(name), dtype: binding.TF_FLOAT, shape };
        return { ...feed, data: unsharedCopy(data) };
      });
      session.run(initial, [INITIALISE]);
    },
    step(input) {
      const [values] = session.run(feeds.of(input), [STEP_OUTPUT]);
      return Object.fromEntries(figures.map((name, i) => [name, values![i]!]));
    },
    gradients(input, parameters) {
      const names = parameters.map((name) => `gradient/${name}`);
      return session.run(feeds.of(input), names) as Float32Array[];
    },
    weightNorms() {
      const [norms] = session.run([], [WEIGHT_NORMS]);
      return Object.fromEntries(rows.map((row, i) => [row, norms![i]!]));
    },
    evaluate(pixels, n) {
      const feed = { name: STEP_INPUTS.evaluationImage, dtype: binding.TF_UINT8 };
      return evaluateOn(session, { ...feed, shape: [n, e, e, 3], data: pixels });
    },
    state() {
      const values = session.run(
        [],
        variables.map(({ name }) => stateName(name)),
      );
      return new Map(variables.map(({ name }, i) => [name, values[i] as Float32Array]));
    },
    dispose: session.dispose,
  };
}

const evaluateOn = (session: GraphSession, image: Feed): Float32Array =>
  session.run([image], [EVALUATION_OUTPUT])[0] as Float32Array;

class StepFeeds {
  readonly #binding: Binding;
  readonly #options: StepGraphOptions;

  constructor(binding: Binding, options: StepGraphOptions) {
    this.#binding = binding;
    this.#options = options;
  }

  of({ batch, labels, shares, weights, seed, rate, step, averageDecay }: StepInput): Feed[] {
    const { TF_FLOAT, TF_INT32, TF_UINT8 } = this.#binding;
    const { spec, batchSize: n, optimizer, mixup, weighted } = this.#options;
    const s = spec.inputSize;
    const beta = (name: 'beta1' | 'beta2') =>
      optimizer.kind === 'sgd' ? 1 : optimizer[name] ** (step + 1);
    const scalar = (name: string, value: number): Feed => ({
      name,
      dtype: TF_FLOAT,
      shape: [],
      data: Float32Array.of(value),
    });
    return [
      { name: STEP_INPUTS.image, dtype: TF_UINT8, shape: [n, s, s, 3], data: batch.pixels.slice() },
      { name: STEP_INPUTS.labels, dtype: TF_FLOAT, shape: [n, spec.classes], data: labels },
      { name: STEP_INPUTS.seed, dtype: TF_INT32, shape: [2], data: Int32Array.of(seed | 0, 0) },
      scalar(STEP_INPUTS.rate, rate),
      scalar(STEP_INPUTS.beta1Power, beta('beta1')),
      scalar(STEP_INPUTS.beta2Power, beta('beta2')),
      scalar(STEP_INPUTS.averageDecay, averageDecay),
      ...(mixup
        ? [{ name: STEP_INPUTS.shares, dtype: TF_FLOAT, shape: [n, 1, 1, 1], data: shares }]
        : []),
      ...(weighted
        ? [
            {
              name: STEP_INPUTS.weights,
              dtype: TF_FLOAT,
              shape: weightsShape(this.#options),
              data: weights,
            },
          ]
        : []),
    ];
  }
}
