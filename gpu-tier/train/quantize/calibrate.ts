import type { Layer, Network } from '@hebb/model';
import type { FloatNetwork } from './float-network.ts';
import { ChannelHistograms, type Distribution } from './histogram.ts';

/** Statistics of the float32 network's activations on the calibration images. */
export interface Calibration {
  readonly images: number;
  /** Mean red, green and blue of the images, 0 … 255. */
  readonly colour: readonly number[];
  /** The activations of every other image, and those of the rest, by layer. */
  readonly halves: readonly [ActivationHistograms, ActivationHistograms];
  /** What LRN layers read at some pixels, float32 [pixels, channels] by the LRN layer's name. */
  readonly lrnInputs: ReadonlyMap<string, Float32Array>;
}

/** By layer: convolutions, LRN, pooling. */
export type ActivationHistograms = ReadonlyMap<string, ChannelHistograms>;

/** Whether a layer's output decides a scale or feeds a layer with weights. */
const isWatched = ({ kind }: Layer): boolean =>
  kind === 'conv' || kind === 'lrn' || kind === 'maxPool' || kind === 'globalAveragePool';

/** Pixels of all images together that are kept of what an LRN layer reads. */
const LRN_PIXELS = 512;

/** Pixels of an image that each histogram takes, evenly spread: the first layer has 24 times as many. */
const MOST_PIXELS = 512;

/**
 * Runs the float32 network on the calibration images and collects statistics.
 * @param images uint8 RGB [inputSize, inputSize, 3] each
 * @param onImage called with the number of finished images
 */
export function calibrate(
  float: FloatNetwork,
  { layers }: Network,
  images: readonly Uint8Array[],
  onImage: (done: number) => void = () => {},
): Calibration {
  const watched = layers.filter(isWatched);
  const names = watched.map(({ name }) => name);
  const empty = () =>
    new Map(watched.map(({ name, shape }) => [name, new ChannelHistograms(shape[2])]));
  const halves = [empty(), empty()] as const;
  const perImage = Math.ceil(LRN_PIXELS / images.length);
  const samples = layers
    .filter(({ kind }) => kind === 'lrn')
    .map(({ name, inputs, shape }) => {
      const data = new Float32Array(images.length * perImage * shape[2]);
      return { name, data, channels: shape[2], source: names.indexOf(inputs[0]!) };
    });
  for (let at = 0; at < images.length; at += float.batch) {
    const batch = images.slice(at, at + float.batch);
    const outputs = float.run(batch, names);
    for (const [l, output] of outputs.entries()) {
      const size = output.length / batch.length;
      for (let i = 0; i < batch.length; i++) {
        const half = halves[(at + i) % 2]!;
        const every = Math.max(1, Math.floor(size / watched[l]!.shape[2] / MOST_PIXELS));
        half.get(names[l]!)!.add(output.subarray(i * size, (i + 1) * size), every);
      }
    }
    for (const { data, channels, source } of samples) {
      const output = outputs[source]!;
      const count = batch.length * perImage;
      for (let k = 0; k < count; k++) {
        const pixel = Math.floor(((k + 0.5) * output.length) / channels / count) * channels;
        data.set(output.subarray(pixel, pixel + channels), (at * perImage + k) * channels);
      }
    }
    onImage(at + batch.length);
  }
  const lrnInputs = new Map(samples.map(({ name, data }) => [name, data]));
  return { images: images.length, colour: meanColour(images), halves, lrnInputs };
}

function meanColour(images: readonly Uint8Array[]): number[] {
  const sums = [0, 0, 0];
  for (const image of images) {
    for (let i = 0; i < image.length; i++) sums[i % 3]! += image[i]!;
  }
  return sums.map((sum) => (3 * sum) / (images.length * images[0]!.length));
}

/**
 * The distribution of each channel of a layer, a concatenation or dropout.
 * @param halves one half, or both together
 */
export function distributionsOf(
  { layers }: Network,
  halves: readonly ActivationHistograms[],
  name: string,
): Distribution[] {
  const layer = layers.find((l) => l.name === name)!;
  const parts = layer.kind === 'concat' || layer.kind === 'dropout' ? layer.inputs : [name];
  return parts.flatMap((part) => {
    const histograms = halves.map((half) => half.get(part)!);
    return Array.from({ length: histograms[0]!.channels }, (_, channel) =>
      ChannelHistograms.distribution(histograms, channel),
    );
  });
}
