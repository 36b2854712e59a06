/**
 * The simulation of int8 in the training graph, compared with the definition of int8's results.
 * @module
 */
import {
  activationScales,
  foldBatchNorm,
  googlenet,
  type NetworkSpec,
  type Preprocessing,
  readQuantizedModel,
  type Tensors,
  tensorOf,
} from '@hebb/model';
import { runReference } from '@hebb/model/int8/reference';
import { savedModel } from '@hebb/tensorflow/graph/saved-model';
import { type GraphSession, loadGraph, unsharedCopy } from '@hebb/tensorflow/graph/session';
import { describeWithTensorFlow, tensorflow } from '@hebb/test/graph/tensorflow';
import { testPreprocessing } from '@hebb/test/support/package';
import { randomPixels } from '@hebb/test/support/random-quantized';
import { randomWeights } from '@hebb/test/support/random-weights';
import { expect, it } from 'vitest';
import { calibrate } from '../quantize/calibrate.ts';
import { loadFloatNetwork } from '../quantize/float-network.ts';
import { plainPlan, planTensors } from '../quantize/plan.ts';
import { layersWithRange, rangeName } from './int8-simulation.ts';
import { STEP_INPUTS, stepGraph } from './step-graph.ts';
import { INITIALISE, initialName } from './variables.ts';

const SIDE = 64;
const images = [1, 2].map((seed) => randomPixels(SIDE, seed));

/**
 * Share of activations that may differ, by one step: TensorFlow adds floats and the edge integers, so a sum close to a
 * tie can round to the other side. Each layer carries the differences on, so only the first ones are compared; a trained
 * network as a whole is in gpu-tier/train/run/qat.long.test.ts.
 */
const LAYERS = { conv1: 0.02, conv2_reduce: 0.03, conv2: 0.08 } as const;

describeWithTensorFlow('int8 simulated in a training graph', () => {
  it.each([
    ['lrn', 'rgb'],
    ['bn5x5', 'bgr'],
  ] as const)('%s, %s: has the weights and activations of int8', async (variant, channelOrder) => {
    const preprocessing = { ...testPreprocessing(SIDE), channelOrder };
    const unfolded = googlenet({ variant, classes: 10, inputSize: SIDE });
    const { network, weights } = foldBatchNorm(unfolded, randomWeights(unfolded, 11));
    const model = { network, weights, preprocessing };
    const float32 = await loadFloatNetwork(model, {});
    const calibration = calibrate(float32, network, images);
    float32.dispose();
    const rule = { rule: 'percentile', percent: 99.99 } as const;
    const tensors = planTensors(model, plainPlan(network, calibration, rule));
    const float = (name: string) => tensorOf(tensors, name, 'F32').data;
    const scales = activationScales(network, (layer) => float(`${layer}/activation_scale`)[0]!);
    const int8 = runReference(readQuantizedModel(network.spec, tensors), images[0]!);
    const session = await simulate(network.spec, preprocessing, weights, scales);

    const shape = [1, SIDE, SIDE, 3];
    const feed = { name: STEP_INPUTS.evaluationImage, dtype: tensorflow().TF_UINT8, shape };
    for (const [layer, most] of Object.entries(LAYERS)) {
      const [y] = session.run([{ ...feed, data: images[0]! }], [`evaluation/${layer}/u7`]);
      const steps = [...y!].map((value) => Math.round(value / scales.get(layer)!));
      const expected = int8.activations.get(layer)!;
      const differences = steps.map((step, i) => Math.abs(step - expected[i]!));
      expect(Math.max(...differences), layer).toBeLessThanOrEqual(1);
      const differ = differences.filter((difference) => difference > 0).length;
      expect(differ / steps.length, layer).toBeLessThan(most);
    }

    const kernel = tensorOf(tensors, 'inception3a/3x3/kernel', 'I8').data;
    const kernelScales = float('inception3a/3x3/scale');
    const [simulated] = session.run([], ['evaluation/inception3a/3x3/kernel/int8']);
    const [out, depth] = [128, 9 * 96];
    const wrong = kernel.filter((w, i) => {
      const [o, input] = [Math.floor(i / depth), i % depth];
      return Math.round(simulated![input * out + o]! / kernelScales[o]!) !== w;
    });
    expect(wrong.length).toBeLessThanOrEqual(2); // of 110,592: ties
    session.dispose();
  });
});

/** A session whose graph evaluates the network in simulated int8. */
async function simulate(
  spec: NetworkSpec,
  preprocessing: Preprocessing,
  weights: Tensors,
  scales: ReadonlyMap<string, number>,
): Promise<GraphSession> {
  const { graph, variables } = stepGraph({
    spec,
    evaluationSize: SIDE,
    preprocessing,
    precision: 'f32',
    kernels: false,
    batchSize: 1,
    auxiliary: false,
    mixup: false,
    average: false,
    layerRate: () => 0,
    int8: true,
    optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true },
    weightDecay: 0,
    clipNorm: 0,
  });
  const initial = new Map([...weights].map(([name, { data }]) => [name, data as Float32Array]));
  for (const layer of layersWithRange(googlenet(spec))) {
    initial.set(rangeName(layer), Float32Array.of(Math.log(127 * scales.get(layer)!)));
  }
  const session = await loadGraph(tensorflow(), savedModel(graph));
  const feeds = variables.map(({ name, shape }) => {
    const data = unsharedCopy(initial.get(name)!);
    return { name: initialName(name), dtype: tensorflow().TF_FLOAT, shape, data };
  });
  session.run(feeds, [INITIALISE]);
  return session;
}
