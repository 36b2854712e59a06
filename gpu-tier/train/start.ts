import {
  googlenet,
  layerParameters,
  type Preprocessing,
  tensorOf,
} from '../../shared/model/index.ts';
import type { PackageFolder } from '../packages/folder.ts';
import { specOf, type TrainConfig } from './config.ts';
import { initialWeights } from './initial-weights.ts';
import { defaultPreprocessing } from './package.ts';
import type { FirstState } from './train.ts';

/** Weights drawn by the run's seed, for a network that has seen nothing. */
export function fromScratch(config: TrainConfig, classes: number): FirstState {
  const network = googlenet(specOf(config, classes), { auxiliary: config.auxiliary });
  return {
    preprocessing: defaultPreprocessing(config.inputSize),
    state: initialWeights(network, config.seed),
  };
}

/**
 * The trunk of a package, with a new classifier (and new auxiliary ones, if they are wanted).
 * Images are prepared as that package wants them.
 */
export async function fromPackage(
  config: TrainConfig,
  classes: number,
  source: PackageFolder,
): Promise<FirstState> {
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
