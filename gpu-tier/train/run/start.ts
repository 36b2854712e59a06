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
 * package's preprocessing. Keeps the package's classifier if neither it nor the trunk is trained before the epochs for
 * int8; the classes must then be the package's. Throws `invalid_argument` if they are not, `unsupported_model` for a
 * package with a fully connected head.
 */
export async function fromPackage(
  config: TrainConfig,
  classNames: readonly string[],
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
  const keepsClassifier = config.headEpochs + config.epochs === 0;
  if (keepsClassifier) checkSameQuestion(config, classNames, source);
  const { state } = fromScratch(config, classNames.length);
  const tensors = await source.tensors('f32');
  const weights = new Map(state);
  for (const layer of googlenet(source.manifest.network).layers) {
    if (layer.section !== 'trunk' && !(keepsClassifier && layer.section === 'head')) continue;
    for (const { name, shape } of layerParameters(layer)) {
      weights.set(name, tensorOf(tensors, name, 'F32', shape).data.slice());
    }
  }
  const preprocessing: Preprocessing = source.manifest.preprocessing;
  return { preprocessing, state: weights };
}

function checkSameQuestion(
  { multiLabel }: TrainConfig,
  classes: readonly string[],
  { manifest }: PackageFolder,
): void {
  const several = manifest.network.output === 'sigmoid';
  if (several !== multiLabel) {
    const answers = several ? 'several labels' : 'one class';
    throw new HebbError('invalid_argument', `${manifest.name} answers with ${answers}.`, {
      hint: `${several ? 'Add' : 'Leave out'} --multi-label, or train a new classifier first: add --head-only.`,
    });
  }
  const known = manifest.labels.map(({ name }) => name);
  if (classes.length === known.length && classes.every((name, i) => name === known[i])) return;
  const message = `The classes of the images (${classes.length}) are not those of ${manifest.name} (${known.length}).`;
  throw new HebbError('invalid_argument', message, {
    hint: 'Train a new classifier first: add --head-only, or --recipe transfer.',
  });
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
