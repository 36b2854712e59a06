/**
 * Which graph an epoch needs: the size of its images and what of the network is trained.
 * @module
 */
import { HebbError, type Layer, type Network } from '../../shared/model/index.ts';
import type { TrainConfig } from './config.ts';
import { imageSize } from './schedule.ts';

export interface Stage {
  readonly size: number;
  /** The first layer that is trained; undefined: all are. */
  readonly from: string | undefined;
}

export const sameStage = (a: Stage | undefined, b: Stage): boolean =>
  a?.size === b.size && a.from === b.from;

/** The stage of the epoch with that index, from 0: unfreezing goes in equal parts of the epochs. */
export function stageOf(epoch: number, config: TrainConfig): Stage {
  const { unfreeze, epochs } = config;
  const part = Math.min(Math.floor((epoch * unfreeze.length) / epochs), unfreeze.length - 1);
  return { size: imageSize(epoch, config), from: unfreeze[part] };
}

/** How far a layer is from the classifier, in the groups that `layerDecay` counts. */
function depth({ name, section }: Layer): number {
  if (section !== 'trunk') return 0;
  const module = /^inception(\d)/.exec(name)?.[1];
  return module === undefined ? 4 : 6 - Number(module); // 5: 1, 4: 2, 3: 3, stem: 4
}

/**
 * The factor on each layer's learning rate: 0 before the first trained layer, then less the deeper it
 * lies. From scratch all are 1. Throws `invalid_argument` for a layer that the network has not.
 */
export function layerRates(
  network: Network,
  { from }: Stage,
  { layerDecay, init }: Pick<TrainConfig, 'layerDecay' | 'init'>,
): (layer: Layer) => number {
  if (init === 'scratch') return () => 1;
  const names = network.layers.map(({ name }) => name);
  const first = from === undefined ? 0 : names.findIndex((name) => belongs(name, from));
  if (first < 0) {
    throw new HebbError('invalid_argument', `The network has no layer ${from}.`, {
      hint: 'Run hebb describe to see the names, such as inception4a.',
    });
  }
  const trained = new Set(names.slice(first));
  return (layer) => (trained.has(layer.name) ? layerDecay ** depth(layer) : 0);
}

const belongs = (name: string, layer: string): boolean =>
  name === layer || name.startsWith(`${layer}/`);
