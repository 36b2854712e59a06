/**
 * The trainings that the page of the paper's figures is made from: Szegedy et al. 2014, "Going Deeper with
 * Convolutions" (arXiv:1409.4842), section 5.
 * @module
 */
import { googlenet, type Network, networkCost } from '@hebb/model';
import { RECIPES, specOf, type TrainConfig } from '@hebb/train/run/config';

export interface Experiment {
  /** Part of the names of runs and packages. */
  readonly id: string;
  /** In tables and legends. */
  readonly title: string;
  readonly config: Pick<TrainConfig, 'variant' | 'head' | 'auxiliary'>;
}

/** The network of the paper has LRN and no batch norm; with batch norm gradients should not vanish. */
export const EXPERIMENTS = [
  {
    id: 'lrn',
    title: 'LRN, one head',
    config: { variant: 'lrn', head: 'averagePool', auxiliary: false },
  },
  {
    id: 'lrn-auxiliary',
    title: 'LRN, auxiliary heads',
    config: { variant: 'lrn', head: 'averagePool', auxiliary: true },
  },
  {
    id: 'lrn-connected',
    title: 'LRN, one head, fully connected',
    config: { variant: 'lrn', head: 'fullyConnected', auxiliary: false },
  },
  {
    id: 'bn',
    title: 'batch norm, one head',
    config: { variant: 'bn5x5', head: 'averagePool', auxiliary: false },
  },
  {
    id: 'bn-auxiliary',
    title: 'batch norm, auxiliary heads',
    config: { variant: 'bn5x5', head: 'averagePool', auxiliary: true },
  },
] as const satisfies readonly Experiment[];

export type ExperimentId = (typeof EXPERIMENTS)[number]['id'];

/** What all trainings of a page share. */
export interface PaperSettings {
  /** Side of the images in training and validation, pixels: 64 at least, for the auxiliary heads. */
  readonly size: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly rate: number;
  /** Each experiment is trained once with each seed. */
  readonly seeds: number;
}

/**
 * The paper's recipe (SGD with momentum 0.9, averaged weights, dropout 0.4), shortened: crops of at least a
 * quarter of the image, because with few steps the paper's 8 % teach little, and an average over fewer steps.
 */
export function configOf(
  { id, config }: Experiment,
  seed: number,
  data: string,
  { size, epochs, batchSize, rate }: PaperSettings,
): TrainConfig {
  return {
    ...RECIPES.paper,
    ...config,
    name: `${id}-${seed}`,
    data,
    inputSize: size,
    sizes: [[1, size]],
    epochs,
    batchSize,
    rate,
    area: [0.25, 1],
    average: 0.99,
    validateEvery: 1,
    seed,
  };
}

/** The network of an experiment as it is served: without auxiliary heads. */
export const networkOf = (
  { config }: Pick<Experiment, 'config'>,
  classes: number,
  inputSize: number,
): Network => googlenet(specOf({ ...config, folded: false, inputSize }, classes));

/** Multiply-adds of the forward pass in training, with auxiliary heads: the measure for the time left. */
export const trainingCost = ({ config }: Experiment, size: number): number =>
  networkCost(
    googlenet(specOf({ ...config, folded: false, inputSize: size }, 2), {
      auxiliary: config.auxiliary,
    }),
  ).multiplyAdds;
