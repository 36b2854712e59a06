/**
 * What the network's parts are called, and what they are for.
 * @module
 */
import type { Cost } from '../../../shared/model/network/cost.ts';
import type { Box } from '../../../shared/model/network/drawing.ts';
import type { LayerKind, Shape } from '../../../shared/model/network/layer.ts';

/** What kinds of box share a colour, as in the legend. */
export type Colour = 'conv1x1' | 'conv' | 'pool' | 'norm' | 'module' | 'end';

export const COLOURS: Readonly<Record<Colour, string>> = {
  conv1x1: '1×1 convolution',
  conv: 'larger convolution',
  pool: 'pooling',
  norm: 'normalisation',
  module: 'Inception module',
  end: 'input, linear layers, softmax',
};

export function colourOf({ kind, title }: Pick<Box, 'kind' | 'title'>): Colour {
  if (kind === 'conv') return title.includes('1×1') || title === 'conv' ? 'conv1x1' : 'conv';
  if (kind === 'module' || kind === 'concat') return 'module';
  if (kind === 'lrn') return 'norm';
  return /Pool/i.test(kind) ? 'pool' : 'end';
}

const ABOUT: Readonly<Record<LayerKind | 'module', string>> = {
  input: 'The image, resized and cropped: red, green and blue.',
  conv: 'A convolution, followed by ReLU: what is negative becomes 0.',
  maxPool: 'Max-pooling: the largest value of each window, channel by channel.',
  averagePool: 'Average pooling: the mean of each window, channel by channel.',
  globalAveragePool:
    'The mean of each channel over the whole image. It has no weights, where a fully connected layer would have most of the network’s.',
  lrn: 'Local response normalisation: a channel is damped where its neighbours are strong.',
  concat: 'The channels of all branches, one after the other.',
  dropout:
    'In training some values are dropped at random, so that no unit relies on another. When an image is classified it does nothing.',
  linear: 'A linear layer: each output is a weighted sum of all inputs.',
  softmax: 'Turns the logits into probabilities, which sum to 1.',
  module:
    'An Inception module: four branches look at the same input at different scales, and their channels are put side by side.',
};

const REDUCTION =
  'A 1×1 convolution, which makes fewer channels of many before the costly convolution reads them. ReLU follows.';
const PROJECTION =
  'A 1×1 convolution, which brings the pooled channels down to a few. ReLU follows.';

export function aboutBox({ kind, name }: Pick<Box, 'kind' | 'name'>): string {
  if (/_reduce$/.test(name)) return REDUCTION;
  return /pool_proj$/.test(name) ? PROJECTION : ABOUT[kind];
}

/** What stands in training only. */
export const AUXILIARY =
  'Part of an auxiliary head: a small classifier halfway up, which in training brings the gradient to the lower layers. When an image is classified it is left out.';

export const count = (n: number): string => n.toLocaleString('en');

/** "1,582 M", "118.0 M", "0.05 M" */
export function millions(n: number): string {
  const digits = n >= 1e9 ? 0 : n >= 1e7 ? 1 : 2;
  return `${(n / 1e6).toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })} M`;
}

export const times = (ratio: number): string => `${ratio.toFixed(1)}×`;

export const sizes = (shape: Shape): string => shape.join(' × ');

/** What stands in a box and what it means, for who cannot see it. */
export function spoken({ name, kind, title, detail, stacked, cost }: Box): string {
  const what = kind === 'module' ? ', a module' : stacked ? `, ${name}` : '';
  return `${title} ${detail}${what}${spokenCost(cost)}`;
}

const spokenCost = ({ parameters, multiplyAdds }: Cost): string =>
  multiplyAdds === 0
    ? ''
    : `, ${count(parameters)} parameters, ${millions(multiplyAdds).replace(' M', ' million')} multiply-adds`;
