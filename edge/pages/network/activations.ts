/**
 * A layer's activations for the last image: a map of each channel, branch by branch.
 * @module
 */
import type { Network } from '@hebb/model/network/googlenet';
import { isReal, type Layer } from '@hebb/model/network/layer';
import { h } from '../dom.ts';
import type { Activations } from '../engine/index.ts';
import { percent } from '../format.ts';
import { type Channels, type MapGrid, mapGrid, oneMap } from './maps.ts';

const KEY =
  'Dark is 0, yellow the largest activation of the layer. Between them the scale is a square root, since most activations are small.';

/** Most classes in the table of logits or probabilities. */
const LISTED = 10;

interface Branch extends Channels {
  /** Empty if the layer has no branches. */
  readonly name: string;
}

export interface ActivationsOptions {
  readonly network: Network;
  readonly labels: readonly string[];
  /** Available width, CSS pixels. */
  readonly available: number;
}

export function showActivations(
  activations: Activations,
  options: ActivationsOptions,
): HTMLElement {
  const layer = options.network.layers.find(({ name }) => name === activations.layer)!;
  if (isReal(layer)) {
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

/** A concatenation's channels, by branch. */
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
  const quiet = silent > 0 ? `; ${silent} of the maps are 0 throughout` : '';
  const text = `${maps} of ${activations.width}×${activations.height}; ${percent(zero, 0)} of the activations are 0${quiet}.`;
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

/** One channel's map, enlarged: first the strongest, then the one that is entered or shown by `show`. */
function oneChannel(activations: Activations, most: number) {
  const last = activations.channels - 1;
  const field = h('input', { type: 'number', id: 'channel', min: 0, max: last, value: 0 });
  const place = h('div', { class: 'one-map' });
  const show = (channel: number) => {
    field.value = String(channel);
    const { largest } = statisticsOf(activations, { first: channel, count: 1 });
    const canvas = oneMap(activations, channel, most);
    canvas.setAttribute('role', 'img');
    const text = `Maximum ${largest}; of all channels ${most}`;
    canvas.setAttribute('aria-label', `Channel ${channel}. ${text}`);
    place.replaceChildren(canvas, h('span', { class: 'muted numbers' }, text));
  };
  field.addEventListener('input', () => {
    const channel = field.valueAsNumber;
    if (Number.isInteger(channel) && channel >= 0 && channel <= last) show(channel);
  });
  show(strongest(activations));
  const label = h('label', { for: 'channel' }, `Channel, 0 to ${last}`);
  const hint = h('p', { class: 'muted' }, 'or choose a map below');
  return {
    show,
    element: h('div', { class: 'enlarged' }, h('div', {}, label, field, hint), place),
  };
}

/** The channel with the largest activation. */
function strongest({ data, channels }: Activations): number {
  let best = 0;
  for (const [at, value] of data.entries()) if (value > data[best]!) best = at;
  return best % channels;
}

interface MapStatistics {
  readonly largest: number;
  /** Share of activations that are 0, 0 to 1. */
  readonly zero: number;
  /** Number of channels that are 0 throughout. */
  readonly silent: number;
}

function statisticsOf({ data, channels }: Activations, { first, count }: Channels): MapStatistics {
  let [largest, zeros, numbers] = [0, 0, 0];
  const most = new Float32Array(count);
  for (let at = 0; at < data.length; at += channels) {
    for (let i = 0; i < count; i++) {
      const value = data[at + first + i]!;
      if (value === 0) zeros++;
      if (value > most[i]!) most[i] = value;
      numbers++;
    }
  }
  for (const value of most) largest = Math.max(largest, value);
  return { largest, zero: zeros / numbers, silent: most.filter((value) => value === 0).length };
}

/** A table of the classes with the largest logits or probabilities. */
function classTable(
  { data, channels }: Activations,
  { kind }: Layer,
  labels: readonly string[],
): HTMLElement {
  const order = Array.from(data.keys()).sort((a, b) => data[b]! - data[a]!);
  const rows = order.slice(0, LISTED).map((index) => {
    const value = data[index]!;
    const text = kind === 'linear' ? value.toFixed(2) : percent(value, 2);
    return h(
      'tr',
      {},
      h('th', { scope: 'row' }, labels[index] ?? String(index)),
      h('td', { class: 'numbers' }, text),
    );
  });
  const what = kind === 'linear' ? 'Logit' : 'Probability';
  const head = h('tr', {}, h('th', { scope: 'col' }, 'Class'), h('th', { scope: 'col' }, what));
  const rest = channels - rows.length;
  return h(
    'div',
    {},
    h('table', {}, h('thead', {}, head), h('tbody', {}, ...rows)),
    rest > 0 ? h('p', { class: 'muted' }, `and ${rest} others`) : undefined,
  );
}
