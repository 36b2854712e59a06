/**
 * The stages of a run: epochs of one stage share a graph, with one image size and one set of trained
 * layers.
 * @module
 */
import { HebbError, type Layer, type Network } from '@hebb/model';
import type { TrainConfig } from './config.ts';
import { imageSize } from './schedule.ts';

export interface Stage {
  readonly size: number;
  /** The first trained layer; undefined: all layers. */
  readonly from: string | undefined;
}

export const sameStage = (a: Stage | undefined, b: Stage): boolean =>
  a?.size === b.size && a.from === b.from;

/** The stage of an epoch, counted from 0. The steps of unfreezing take equal parts of the epochs. */
export function stageOf(epoch: number, config: TrainConfig): Stage {
  const { unfreeze, epochs } = config;
  const part = Math.min(Math.floor((epoch * unfreeze.length) / epochs), unfreeze.length - 1);
  return { size: imageSize(epoch, config), from: unfreeze[part] };
}

/** Distance of a layer from the classifier, in the groups of `layerDecay`. */
function depth({ name, section }: Layer): number {
  if (section !== 'trunk') return 0;
  const module = /^inception(\d)/.exec(name)?.[1];
  return module === undefined ? 4 : 6 - Number(module); // 5: 1, 4: 2, 3: 3, stem: 4
}

/**
 * The factor on each layer's learning rate: 0 for frozen layers, smaller the deeper a layer lies. From
 * scratch all are 1. Throws `invalid_argument` for a layer that the network does not have.
 */
export function layerRates(
  network: Network,
  { from }: Stage,
  { trunkRate, layerDecay, init }: Pick<TrainConfig, 'trunkRate' | 'layerDecay' | 'init'>,
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
  return (layer) => {
    if (!trained.has(layer.name)) return 0;
    return (layer.section === 'trunk' ? trunkRate : 1) * layerDecay ** depth(layer);
  };
}

const belongs = (name: string, layer: string): boolean =>
  name === layer || name.startsWith(`${layer}/`);
