/**
 * What a file wants as its input, where it does a part of the preparation itself. A file that
 * subtracts a mean from pixels takes pixels: the convention of its kind, which subtracts one as well,
 * would do so twice.
 * @module
 */
import { HebbError } from '../../shared/model/errors.ts';
import type { NetworkSpec } from '../../shared/model/network/googlenet.ts';
import type { Preprocessing } from '../../shared/model/preprocess/preprocessing.ts';
import type { AffineChannel } from './channels.ts';
import { choosePreprocessing, joinPrologue, type PreprocessingFlags } from './preprocessing.ts';

/** Inputs that a file may be made for: pixels as they are, and pixels of 0 to 1. */
const PIXELS = [
  { mean: [0, 0, 0], scale: [1, 1, 1] },
  { mean: [0, 0, 0], scale: [1 / 255, 1 / 255, 1 / 255] },
] as const satisfies readonly Pick<Preprocessing, 'mean' | 'scale'>[];

/** Mean colours of data sets, of 0 to 255: none is as dark or as light as what lies outside. */
const MEANS = { least: 15, most: 240 } as const;

/**
 * How far a file may move the mean of an input that is centred already. torchvision's transform_input
 * moves blue most: from 103.5 to 127.5.
 */
const MOST_SHIFT = 26;

/** From black to white: pixels less a mean (255), or some standard deviations (ImageNet's: 4.5). */
const isSpan = (span: number): boolean =>
  (span >= 0.9 && span <= 8) || (span >= 200 && span <= 300);

/**
 * The preparation of a network whose file begins with this map of its channels. Flags describe the
 * file's input; what they leave open follows from the file, then from the convention of its kind.
 * Throws `invalid_argument` when `--mean` repeats what the file does.
 */
export function preprocessingOf(
  spec: NetworkSpec,
  flags: PreprocessingFlags,
  channels: readonly AffineChannel[],
): Preprocessing {
  const convention = choosePreprocessing(spec, flags);
  const { mean, scale } = inputOf(convention, flags, channels);
  const channelOrder = flags.channelOrder ?? orderOf(convention, channels);
  return joinPrologue({ ...convention, mean, scale, channelOrder }, channels);
}

function inputOf(
  convention: Preprocessing,
  flags: PreprocessingFlags,
  channels: readonly AffineChannel[],
): Pick<Preprocessing, 'mean' | 'scale'> {
  const subtracts = channels.every(({ factor, offset }) => offset !== 0 && factor !== 0);
  if (!subtracts || isCentredAlready(convention, channels)) return convention;
  const pixels = PIXELS.find((input) => isPlausible(input, channels));
  if (!pixels) return convention;
  if (flags.mean === undefined) {
    return { mean: pixels.mean, scale: flags.scale ?? pixels.scale };
  }
  const own = channels.map(({ factor, offset }) => -offset / factor);
  if (flags.mean.every((given) => given === 0)) return convention;
  const shown = own.map((value) => Number(value.toPrecision(4))).join(', ');
  throw new HebbError(
    'invalid_argument',
    `The file subtracts a mean from its input itself (${shown}); --mean would subtract one twice.`,
    { hint: 'Leave --mean out, or give --mean 0,0,0.' },
  );
}

/** Whether the file but adjusts an input that the convention has centred. */
function isCentredAlready(
  { mean, scale, channelOrder }: Preprocessing,
  channels: readonly AffineChannel[],
): boolean {
  if (mean.every((value) => value === 0)) return false;
  const colours = channelOrder === 'rgb' ? [0, 1, 2] : [2, 1, 0];
  return channels.every(({ source, factor, offset }) => {
    const unit = scale[colours[source]!]!;
    return (
      Math.abs(offset / (factor * unit)) <= MOST_SHIFT && isSpan(255 * Math.abs(factor * unit))
    );
  });
}

/** Whether preparation and file together do what is done to photographs. */
function isPlausible(
  { scale }: Pick<Preprocessing, 'scale'>,
  channels: readonly AffineChannel[],
): boolean {
  return channels.every(({ factor, offset }) => {
    const mean = -offset / (factor * scale[0]);
    return mean >= MEANS.least && mean <= MEANS.most && isSpan(255 * Math.abs(factor * scale[0]));
  });
}

/** Least distance of two mean values, of 0 to 255, that tells red from blue. */
const DISTINCT = 5;

/**
 * The order of the file's input. In photographs red is the lightest colour and blue the darkest, so
 * the means that a file subtracts say which of its channels is which. Else the network behind the
 * file's own exchange of channels reads the order of its kind.
 */
function orderOf(
  { channelOrder }: Preprocessing,
  channels: readonly AffineChannel[],
): Preprocessing['channelOrder'] {
  const [first, , last] = channels;
  if (!first || !last) return channelOrder;
  const unit = PIXELS.find((input) => isPlausible(input, channels));
  const meanOf = ({ factor, offset }: AffineChannel) => -offset / (factor * (unit?.scale[0] ?? 1));
  const difference = unit ? meanOf(first) - meanOf(last) : 0;
  const behind =
    Math.abs(difference) < DISTINCT ? channelOrder : difference > 0 ? ('rgb' as const) : 'bgr';
  const exchanged = first.source > last.source;
  if (!exchanged) return behind;
  return behind === 'rgb' ? 'bgr' : 'rgb';
}
