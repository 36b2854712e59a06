/**
 * What a layer makes of the last image: the maps of its channels, branch by branch.
 * @module
 */
import type { Network } from '../../../shared/model/network/googlenet.ts';
import type { Layer } from '../../../shared/model/network/layer.ts';
import { h } from '../dom.ts';
import type { Activations } from '../engine/index.ts';
import { percent } from '../format.ts';
import { classTable } from './class-table.ts';
import { type Channels, type MapGrid, mapGrid } from './maps.ts';
import { oneChannel } from './one-channel.ts';
import { statisticsOf } from './statistics.ts';

/** How to read the maps. */
const KEY =
  'Dark is 0 and yellow the largest number of the layer; between them by the square root, since most are small.';

interface Branch extends Channels {
  /** Empty where the layer is all there is. */
  readonly name: string;
}

export interface ActivationsOptions {
  readonly network: Network;
  readonly labels: readonly string[];
  /** CSS pixels across. */
  readonly available: number;
}

export function showActivations(
  activations: Activations,
  options: ActivationsOptions,
): HTMLElement {
  const layer = options.network.layers.find(({ name }) => name === activations.layer)!;
  if (layer.kind === 'linear' || layer.kind === 'softmax') {
    return classTable(activations, layer, options.labels);
  }
  const most = statisticsOf(activations, { first: 0, count: activations.channels }).largest;
  const one = oneChannel(activations, most);
  const branches = branchesOf(layer, options.network).map((branch) => {
    const grid = mapGrid(activations, branch, { available: options.available, most });
    return branchElement(activations, branch, grid, one.show);
  });
  return h('div', {}, one.element, h('p', { class: 'muted' }, KEY), ...branches);
}

/** A concatenation's channels by the branches that they come from. */
function branchesOf({ kind, inputs, shape }: Layer, { layers }: Network): Branch[] {
  if (kind !== 'concat') return [{ name: '', first: 0, count: shape[2] }];
  let first = 0;
  return inputs.map((name) => {
    const count = layers.find((layer) => layer.name === name)!.shape[2];
    const branch = { name: name.replace(/^.*\//, ''), first, count };
    first += count;
    return branch;
  });
}

function branchElement(
  activations: Activations,
  { name, ...channels }: Branch,
  { canvas, channelAt }: MapGrid,
  show: (channel: number) => void,
): HTMLElement {
  const { zero, silent } = statisticsOf(activations, channels);
  const { count } = channels;
  const maps = count === 1 ? '1 map' : `${count} maps`;
  const quiet = silent > 0 ? `; ${silent} of the maps are 0 everywhere` : '';
  const text = `${maps} of ${activations.width}×${activations.height}; ${percent(zero, 0)} of the numbers are 0${quiet}.`;
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', `${name || activations.layer}: ${text}`);
  canvas.addEventListener('click', ({ offsetX, offsetY }) => {
    const { clientWidth, clientHeight } = canvas;
    const channel = channelAt(offsetX / clientWidth, offsetY / clientHeight);
    if (channel !== undefined) show(channel);
  });
  return h(
    'figure',
    {},
    h('figcaption', {}, name && h('strong', {}, `${name} `), h('span', { class: 'muted' }, text)),
    canvas,
  );
}
