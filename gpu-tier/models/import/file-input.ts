/**
 * The preprocessing of a network whose file does a part of it. A file that subtracts a mean from pixels expects
 * pixels; the convention of its variant would subtract the mean a second time.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import type { NetworkSpec } from '@hebb/model/network/googlenet';
import type { Preprocessing } from '@hebb/model/preprocess/preprocessing';
import type { AffineChannel } from './channels.ts';
import { choosePreprocessing, joinPrologue, type PreprocessingFlags } from './preprocessing.ts';

/** Inputs that a file may expect: pixels of 0 to 255, and of 0 to 1. */
const PIXELS = [
  { mean: [0, 0, 0], scale: [1, 1, 1] },
  { mean: [0, 0, 0], scale: [1 / 255, 1 / 255, 1 / 255] },
] as const satisfies readonly Pick<Preprocessing, 'mean' | 'scale'>[];

/** Range of plausible mean colours of a data set, 0 to 255. */
const MEANS = { least: 15, most: 240 } as const;

/**
 * Largest shift of the mean, in grey levels, for which an input counts as centred already. torchvision's
 * transform_input shifts blue most: from 103.5 to 127.5.
 */
const MOST_SHIFT = 26;

/** True for a plausible distance from black to white: 255, or some standard deviations (ImageNet: 4.5). */
const isSpan = (span: number): boolean =>
  (span >= 0.9 && span <= 8) || (span >= 200 && span <= 300);

/**
 * The preprocessing of a network whose file begins with this map of its channels. Flags describe the file's
 * input and come first, then what the file shows, then the convention of its variant. Throws
 * `invalid_argument` when `--mean` repeats a subtraction in the file.
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
    `The file itself subtracts a mean from its input (${shown}); --mean would subtract it twice.`,
    { hint: 'Omit --mean, or give --mean 0,0,0.' },
  );
}

/** True if the file only adjusts an input that the convention centres. */
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

/** True if the convention and the file together are a usual normalisation of photographs. */
function isPlausible(
  { scale }: Pick<Preprocessing, 'scale'>,
  channels: readonly AffineChannel[],
): boolean {
  return channels.every(({ factor, offset }) => {
    const mean = -offset / (factor * scale[0]);
    return mean >= MEANS.least && mean <= MEANS.most && isSpan(255 * Math.abs(factor * scale[0]));
  });
}

/** Least difference of two channel means, 0 to 255, that distinguishes red from blue. */
const DISTINCT = 5;

/**
 * The channel order of the file's input. In photographs red has the largest mean and blue the smallest, so the
 * means that a file subtracts identify its channels. Without them, the network after the file's own reordering
 * is assumed to read the order of its variant.
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
