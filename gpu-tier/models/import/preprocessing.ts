/**
 * The preprocessing of an imported network, which ONNX files do not state: defaults by variant, overridden by
 * flags, combined with the file's own prologue.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import type { NetworkSpec } from '@hebb/model/network/googlenet';
import type { Variant } from '@hebb/model/network/variant';
import type { Preprocessing, ResizeRule } from '@hebb/model/preprocess/preprocessing';
import type { AffineChannel } from './channels.ts';

/** Flags of the command line that override the defaults. They describe the input of the file. */
export interface PreprocessingFlags {
  readonly mean?: Preprocessing['mean'];
  readonly scale?: Preprocessing['scale'];
  readonly channelOrder?: Preprocessing['channelOrder'];
  readonly resize?: { readonly rule?: ResizeRule; readonly size?: number };
  readonly crop?: number;
}

type Convention = Pick<Preprocessing, 'channelOrder' | 'mean' | 'scale'> & { rule: ResizeRule };

/** Caffe, used by BVLC's weights and the ONNX Model Zoo: BGR, 0–255, minus the mean colour. */
const CAFFE: Convention = {
  channelOrder: 'bgr',
  mean: [123, 117, 104],
  scale: [1, 1, 1],
  rule: 'warp',
};

/** torchvision: RGB, 0–1, minus 0.485, 0.456, 0.406, divided by 0.229, 0.224, 0.225. */
const TORCHVISION: Convention = {
  channelOrder: 'rgb',
  mean: [123.675, 116.28, 103.53],
  scale: [1 / (255 * 0.229), 1 / (255 * 0.224), 1 / (255 * 0.225)],
  rule: 'shorter-side',
};

const CONVENTIONS: Readonly<Record<Variant, Convention>> = {
  lrn: CAFFE,
  naive: CAFFE,
  bn5x5: TORCHVISION,
  bn3x3: TORCHVISION,
};

/** Size of the resized image relative to the crop: 256 for 224. */
const RESIZE_RATIO = 256 / 224;

/** The preprocessing before the file's own prologue. */
export function choosePreprocessing(spec: NetworkSpec, flags: PreprocessingFlags): Preprocessing {
  const defaults = CONVENTIONS[spec.variant];
  const crop = spec.inputSize;
  if (flags.crop !== undefined && flags.crop !== crop) {
    throw new HebbError('invalid_argument', `The file's input is ${crop} pixels a side.`, {
      hint: `Omit --crop, or give ${crop}.`,
    });
  }
  const size = flags.resize?.size ?? Math.round(crop * RESIZE_RATIO);
  if (size < crop) {
    throw new HebbError(
      'invalid_argument',
      `An image of ${size} pixels is smaller than the crop of ${crop}.`,
      {
        hint: `Give --resize at least ${crop}.`,
      },
    );
  }
  return {
    channelOrder: flags.channelOrder ?? defaults.channelOrder,
    mean: flags.mean ?? defaults.mean,
    scale: flags.scale ?? defaults.scale,
    resize: { rule: flags.resize?.rule ?? defaults.rule, size },
    crop,
  };
}

/**
 * Combines preprocessing with the affine map at the start of the file: a · ((v − mean) · scale) + b equals
 * (v − (mean − b / (a · scale))) · (a · scale). Throws `unsupported_model` unless the map keeps or reverses the
 * order of the channels.
 */
export function joinPrologue(
  before: Preprocessing,
  channels: readonly AffineChannel[],
): Preprocessing {
  const colours = before.channelOrder === 'rgb' ? [0, 1, 2] : [2, 1, 0];
  const mean: [number, number, number] = [0, 0, 0];
  const scale: [number, number, number] = [0, 0, 0];
  const order = channels.map(({ source, factor, offset }) => {
    const colour = colours[source]!;
    scale[colour] = factor * before.scale[colour]!;
    mean[colour] = before.mean[colour]! - offset / scale[colour];
    return colour;
  });
  const sequence = order.join('');
  const usable = [...mean, ...scale].every(Number.isFinite) && scale.every((s) => s !== 0);
  if ((sequence !== '012' && sequence !== '210') || !usable) {
    throw new HebbError(
      'unsupported_model',
      `The file rearranges its input: the first convolution reads the channels ${order}.`,
    );
  }
  return { ...before, channelOrder: sequence === '012' ? 'rgb' : 'bgr', mean, scale };
}
