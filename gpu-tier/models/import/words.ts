/**
 * Describes layers in the messages that explain a difference.
 * @module
 */
import type { Layer } from '@hebb/model/network/layer';
import { tensorShape } from '../onnx/tensor.ts';
import { type Found, linearShape, type Pads } from './found.ts';

/** `Conv 3×3 64→192, padded by 1, with ReLU`. */
export function describeLayer(layer: Layer): string {
  const channels = `${layer.inputShape[2]}→${layer.shape[2]}`;
  switch (layer.kind) {
    case 'conv':
      return `Conv ${layer.size}×${layer.size}${every(layer.stride)} ${channels}, padded by ${layer.pad}, with ReLU`;
    case 'maxPool':
      return `MaxPool ${layer.size}×${layer.size}${every(layer.stride)}, padded by ${layer.pad}, rounded up`;
    case 'lrn':
      return `LRN over ${layer.size} channels (alpha ${layer.alpha}, beta ${layer.beta}, bias ${layer.bias})`;
    case 'globalAveragePool':
      return `an average over the ${layer.inputShape[0]}×${layer.inputShape[1]} features`;
    case 'linear':
      return `a linear layer ${layer.inputShape[0] * layer.inputShape[1] * layer.inputShape[2]}→${layer.shape[2]}`;
    case 'softmax':
      return 'Softmax or the end';
    default:
      return layer.kind;
  }
}

/** The same for a layer of the file, with the name of its node. */
export function describeFound(found: Found): string {
  return `${details(found)} (${found.label})`;
}

function details(found: Found): string {
  switch (found.kind) {
    case 'conv': {
      const [out, channels] = tensorShape(found.weight);
      const groups = found.groups > 1 ? ` in ${found.groups} groups` : '';
      const pads = `, padded by ${padding(found.pads)}`;
      const rest = `${found.dilation.join() === '1,1' ? '' : ', dilated'}, ${found.relu ? 'with' : 'without'} ReLU`;
      return `Conv ${found.size.join('×')}${every(found.stride[0])} ${channels! * found.groups}→${out}${groups}${pads}${rest}`;
    }
    case 'maxPool':
    case 'averagePool':
      return `${found.kind === 'maxPool' ? 'MaxPool' : 'AveragePool'} ${found.size.join('×')}${every(found.stride[0])}, padded by ${padding(found.pads)}${found.ceil ? ', rounded up' : ''}`;
    case 'lrn':
      return `LRN over ${found.size} channels (alpha ${short(found.alpha)}, beta ${short(found.beta)}, bias ${short(found.bias)})`;
    case 'linear':
      return `a linear layer ${linearShape(found).join('→')}${found.relu ? ' with ReLU' : ''}`;
    case 'input':
      return 'the input';
    default:
      return found.op;
  }
}

/** `1` for equal padding on all sides, else `top,left,bottom,right`. */
const padding = (pads: Pads): string => `${new Set(pads).size === 1 ? pads[0] : pads}`;

const every = (stride: number): string => (stride === 1 ? '' : `/${stride}`);

/** Six digits: a float32 printed as float64 has more, which mean nothing. */
const short = (n: number): number => Number(n.toPrecision(6));
