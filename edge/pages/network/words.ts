/**
 * Names and explanations of the network's parts.
 * @module
 */
import type { Cost } from '@hebb/model/network/cost';
import type { Box } from '@hebb/model/network/drawing';
import type { LayerKind, Shape } from '@hebb/model/network/layer';

/** The colours of boxes, as in the legend. */
export type Colour = 'conv1x1' | 'conv' | 'pool' | 'norm' | 'module' | 'end';

export const COLOURS: Readonly<Record<Colour, string>> = {
  conv1x1: '1×1 convolution',
  conv: 'larger convolution',
  pool: 'pooling',
  norm: 'normalisation',
  module: 'Inception module',
  end: 'input, linear layers, softmax or sigmoid',
};

export function colourOf({ kind, title }: Pick<Box, 'kind' | 'title'>): Colour {
  if (kind === 'conv') return title.includes('1×1') || title === 'conv' ? 'conv1x1' : 'conv';
  if (kind === 'module' || kind === 'concat') return 'module';
  if (kind === 'lrn') return 'norm';
  return /Pool/i.test(kind) ? 'pool' : 'end';
}

const ABOUT: Readonly<Record<LayerKind | 'module', string>> = {
  input: 'The image, resized and cropped: red, green and blue.',
  conv: 'A convolution followed by ReLU, which replaces negative values by 0.',
  maxPool: 'Max-pooling: the largest value of each window, channel by channel.',
  averagePool: 'Average pooling: the mean of each window, channel by channel.',
  globalAveragePool:
    'The mean of each channel over the whole image. It has no weights; a fully connected layer here would have most of the network’s.',
  lrn: 'Local response normalisation: damps a channel where its neighbours are strong.',
  concat: 'The channels of all branches, concatenated.',
  dropout:
    'Drops values at random in training, so that no unit relies on another. Does nothing when an image is classified.',
  linear: 'A linear layer: each output is a weighted sum of all inputs.',
  softmax: 'Turns the logits into probabilities, which sum to 1.',
  sigmoid: 'Turns each logit into a probability of its own: several classes may be likely.',
  module:
    'An Inception module: four branches read the same input at different scales, and their channels are concatenated.',
};

const REDUCTION =
  'A 1×1 convolution that reduces the channels before the costly convolution reads them, followed by ReLU.';
const PROJECTION = 'A 1×1 convolution that reduces the pooled channels, followed by ReLU.';

export function aboutBox({ kind, name }: Pick<Box, 'kind' | 'name'>): string {
  if (/_reduce$/.test(name)) return REDUCTION;
  return /pool_proj$/.test(name) ? PROJECTION : ABOUT[kind];
}

/** Explains the parts that exist in training only. */
export const AUXILIARY =
  'Part of an auxiliary head: a small classifier in the middle of the network that brings the gradient to the lower layers in training. It is left out when an image is classified.';

export const count = (n: number): string => n.toLocaleString('en');

/** "1,582 M", "118.0 M", "0.05 M" */
export function millions(n: number): string {
  const digits = n >= 1e9 ? 0 : n >= 1e7 ? 1 : 2;
  return `${(n / 1e6).toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })} M`;
}

export const times = (ratio: number): string => `${ratio.toFixed(1)}×`;

export const sizes = (shape: Shape): string => shape.join(' × ');

/** A box's content and cost, for screen readers. */
export function spoken({ name, kind, title, detail, stacked, cost }: Box): string {
  const what = kind === 'module' ? ', a module' : stacked ? `, ${name}` : '';
  return `${title} ${detail}${what}${spokenCost(cost)}`;
}

const spokenCost = ({ parameters, multiplyAdds }: Cost): string =>
  multiplyAdds === 0
    ? ''
    : `, ${count(parameters)} parameters, ${millions(multiplyAdds).replace(' M', ' million')} multiply-adds`;
