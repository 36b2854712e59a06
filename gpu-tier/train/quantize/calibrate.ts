import type { Layer, Preprocessing, Reference } from '@hebb/model';
import { isReal, normalise } from '@hebb/model';
import { ActivationHistogram } from './histogram.ts';

/** Statistics of the float32 network's activations on the calibration images. */
export interface Calibration {
  readonly images: number;
  /** Histogram of each layer's output, by layer. */
  readonly histograms: ReadonlyMap<string, ActivationHistogram>;
  /** Mean of each channel of each layer's output, by layer; `input` is after normalisation. */
  readonly channelMeans: ReadonlyMap<string, Float64Array>;
}

/** Whether a layer's output decides a scale or feeds a layer with weights. */
const isWatched = (layer: Layer): boolean => !isReal(layer);

/**
 * Runs the float32 network on the calibration images and collects statistics.
 * @param images uint8 RGB [inputSize, inputSize, 3] each
 * @param onImage called after each image with the number of finished images
 */
export function calibrate(
  reference: Reference,
  preprocessing: Preprocessing,
  images: readonly Uint8Array[],
  onImage: (done: number) => void = () => {},
): Calibration {
  const histograms = new Map<string, ActivationHistogram>();
  const sums = new Map<string, Float64Array>();
  const pixels = new Map<string, number>();
  for (const [done, image] of images.entries()) {
    reference.classify(normalise(image, preprocessing), {
      onLayer(layer, output) {
        if (!isWatched(layer)) return;
        const values = output.dataSync<'float32'>();
        const channels = layer.shape[2];
        let histogram = histograms.get(layer.name);
        if (!histogram) {
          histogram = new ActivationHistogram();
          histograms.set(layer.name, histogram);
          sums.set(layer.name, new Float64Array(channels));
        }
        if (layer.kind !== 'input') histogram.add(values);
        const sum = sums.get(layer.name)!;
        for (let i = 0; i < values.length; i++) sum[i % channels]! += values[i]!;
        pixels.set(layer.name, (pixels.get(layer.name) ?? 0) + values.length / channels);
      },
    });
    onImage(done + 1);
  }
  const channelMeans = new Map(
    [...sums].map(([name, sum]) => [name, sum.map((s) => s / pixels.get(name)!)]),
  );
  return { images: images.length, histograms, channelMeans };
}
