/**
 * Crops of an image for evaluation.
 * @module
 */
import {
  coveredBy,
  cropWindow,
  type Preprocessing,
  type ReducedImage,
  resizedCrop,
  toInput,
} from '@hebb/model';

/** 1: the centre, as in production. 10: four corners and the centre, and their mirror images. */
export const CROPS = [1, 10] as const;
export type Crops = (typeof CROPS)[number];

/**
 * One crop, or the ten of Krizhevsky et al. (2012): corners and centre of the resized image, in that
 * order, then their mirror images. (The GoogLeNet paper goes up to 144: four scales, three squares, six
 * crops, mirrored. In its Table 3 the top-5 error is 10.07 % with one crop, 9.15 % with 10 and 7.89 %
 * with 144.)
 * @returns uint8 RGB [crops, crop, crop, 3]
 */
export function cropsOf(
  image: ReducedImage,
  preprocessing: Pick<Preprocessing, 'resize' | 'crop'>,
  crops: Crops,
): Uint8Array {
  const middle = toInput(image, preprocessing);
  if (crops === 1) return middle;
  const { crop } = preprocessing;
  const { width, height } = coveredBy(image);
  const { scaledWidth, scaledHeight } = cropWindow(width, height, preprocessing);
  const corners = [
    [0, 0],
    [scaledWidth - crop, 0],
    [0, scaledHeight - crop],
    [scaledWidth - crop, scaledHeight - crop],
  ].map(([left, top]) =>
    resizedCrop(image, { scaledWidth, scaledHeight, left: left!, top: top! }, crop),
  );
  const views = new Uint8Array(crops * middle.length);
  for (const [i, view] of [...corners, middle].entries()) {
    views.set(view, i * view.length);
    views.set(mirrored(view, crop), (i + 5) * view.length);
  }
  return views;
}

/** A copy of a square image, uint8 RGB [size, size, 3], with left and right swapped. */
export function mirrored(pixels: Uint8Array, size: number): Uint8Array {
  const result = new Uint8Array(pixels.length);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const from = (y * size + x) * 3;
      result.set(pixels.subarray(from, from + 3), (y * size + (size - 1 - x)) * 3);
    }
  }
  return result;
}

/** Averages the probabilities of each image's crops: [n · crops, classes] → [n, classes]. */
export function averageCrops(
  probabilities: Float32Array,
  classes: number,
  crops: Crops,
): Float32Array {
  if (crops === 1) return probabilities;
  const images = probabilities.length / classes / crops;
  return Float32Array.from({ length: images * classes }, (_, i) => {
    const at = Math.floor(i / classes) * crops * classes + (i % classes);
    let sum = 0;
    for (let crop = 0; crop < crops; crop++) sum += probabilities[at + crop * classes]!;
    return sum / crops;
  });
}
