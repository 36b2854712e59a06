import {
  googlenet,
  HebbError,
  layerParameters,
  type Network,
  type ParameterSpec,
  type Preprocessing,
  tensorOf,
} from '@hebb/model';
import type { PackageFolder } from '@hebb/packages/folder';
import { derivedSeed, seededNormal } from '../random/random.ts';
import { specOf, type TrainConfig } from './config.ts';
import { defaultPreprocessing } from './package.ts';
import type { FirstState } from './train.ts';

/** Random initial weights, drawn by the run's seed. */
export function fromScratch(config: TrainConfig, classes: number): FirstState {
  const network = googlenet(specOf(config, classes), { auxiliary: config.auxiliary });
  return {
    preprocessing: defaultPreprocessing(config.inputSize),
    state: initialWeights(network, config.seed),
  };
}

/**
 * The trunk of a package with a new classifier (and new auxiliary classifiers, if they are on), and the
 * package's preprocessing. Throws `unsupported_model` for a package with a fully connected head.
 */
export async function fromPackage(
  config: TrainConfig,
  classes: number,
  source: PackageFolder,
): Promise<FirstState> {
  if (source.manifest.network.head === 'fullyConnected') {
    throw new HebbError(
      'unsupported_model',
      'Its fully connected head cannot be trained further.',
      {
        hint: 'Start from a package with average pooling, or from scratch.',
      },
    );
  }
  const { state } = fromScratch(config, classes);
  const tensors = await source.tensors('f32');
  const weights = new Map(state);
  for (const layer of googlenet(source.manifest.network).layers) {
    if (layer.section !== 'trunk') continue;
    for (const { name, shape } of layerParameters(layer)) {
      weights.set(name, tensorOf(tensors, name, 'F32', shape).data.slice());
    }
  }
  const preprocessing: Preprocessing = source.manifest.preprocessing;
  return { preprocessing, state: weights };
}

/**
 * Initial weights, float32 by parameter name: kernels normal with deviation √(2 / fan-in) (He et al.
 * 2015, section 2.2), classifiers with 0.01, batch norm as the identity, biases 0.
 */
export function initialWeights(network: Network, seed: number): Map<string, Float32Array> {
  const parameters = network.layers.flatMap((layer) =>
    layerParameters(layer).map((parameter) => ({ parameter, isLinear: layer.kind === 'linear' })),
  );
  return new Map(
    parameters.map(({ parameter, isLinear }, i) => [
      parameter.name,
      initial(parameter, isLinear, derivedSeed(seed, i)),
    ]),
  );
}

function initial({ name, shape }: ParameterSpec, isLinear: boolean, seed: number): Float32Array {
  const length = shape.reduce((product, n) => product * n, 1);
  const kind = name.slice(name.lastIndexOf('/') + 1);
  if (kind !== 'kernel') {
    return new Float32Array(length).fill(kind === 'gamma' || kind === 'variance' ? 1 : 0);
  }
  const fanIn = shape.slice(0, -1).reduce((product, n) => product * n, 1);
  const normal = seededNormal(seed);
  const deviation = isLinear ? 0.01 : Math.sqrt(2 / fanIn);
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = deviation * normal();
  return values;
}
