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
  resizeTo,
  toInput,
} from '@hebb/model';

/**
 * 1: the centre, as in production. 10: four corners and the centre, and their mirror images. 144: four
 * scales, three squares of each, six crops of each square, and their mirror images.
 */
export const CROPS = [1, 10, 144] as const;
export type Crops = (typeof CROPS)[number];

type Geometry = Pick<Preprocessing, 'resize' | 'crop'>;

/** Shorter sides of the resized image in the GoogLeNet paper, section 7, for a crop of 224 pixels. */
const PAPER_SCALES = [256, 288, 320, 352] as const;
const PAPER_CROP = 224;

/** The paper's scales for another crop, in the same proportion: 146, 165, 183 and 201 pixels for 128. */
export const scalesOf = (crop: number): number[] =>
  PAPER_SCALES.map((scale) => Math.round((scale * crop) / PAPER_CROP));

/**
 * The resize that decoding must leave enough pixels for. The largest of the paper's scales needs more than
 * production; a smaller photograph is enlarged to it.
 */
export function decodingTarget({ resize, crop }: Geometry, crops: Crops): Preprocessing['resize'] {
  if (crops < 144) return resize;
  return { rule: 'shorter-side', size: Math.max(...scalesOf(crop)) };
}

/**
 * The crops of an image. 1 and 10 (Krizhevsky et al. 2012) are cut from the image as the package resizes it.
 * 144 are those of the GoogLeNet paper (section 7), which resizes the shorter side whatever the package does.
 * @returns uint8 RGB [crops, crop, crop, 3]; of 10 and 144 the second half mirrors the first
 * @example
 * const views = cropsOf(image, { resize: { rule: 'warp', size: 256 }, crop: 224 }, 10);
 */
export function cropsOf(image: ReducedImage, geometry: Geometry, crops: Crops): Uint8Array {
  const { crop } = geometry;
  const length = crop * crop * 3;
  if (crops === 1) return toInput(image, geometry);
  const views = new Uint8Array(crops * length);
  let at = 0;
  for (const view of crops === 10 ? fiveOf(image, geometry) : paperCrops(image, crop)) {
    views.set(view, at);
    views.set(mirrored(view, crop), at + views.length / 2);
    at += length;
  }
  return views;
}

/** Corners and centre of the resized image. */
function* fiveOf(image: ReducedImage, geometry: Geometry): Generator<Uint8Array> {
  const { crop } = geometry;
  const { width, height } = coveredBy(image);
  const { left, top, scaledWidth, scaledHeight } = cropWindow(width, height, geometry);
  const [right, bottom] = [scaledWidth - crop, scaledHeight - crop];
  for (const [x, y] of corners(right, bottom, left, top)) {
    yield resizedCrop(image, { scaledWidth, scaledHeight, left: x, top: y }, crop);
  }
}

/**
 * The 72 crops of the paper that are not mirrored. Of each scale: the left, centre and right square (top,
 * centre and bottom of a portrait); of each square: corners, centre, and the square resized to the crop.
 */
function* paperCrops(image: ReducedImage, crop: number): Generator<Uint8Array> {
  const { width, height } = coveredBy(image);
  for (const side of scalesOf(crop)) {
    const resize = { rule: 'shorter-side', size: side } as const;
    const middle = cropWindow(width, height, { resize, crop: side });
    const { scaledWidth, scaledHeight } = middle;
    const squares = [
      [0, 0],
      [middle.left, middle.top],
      [scaledWidth - side, scaledHeight - side],
    ] as const;
    for (const [left, top] of squares) {
      const pixels = resizedCrop(image, { scaledWidth, scaledHeight, left, top }, side);
      const square = { width: side, height: side, data: pixels };
      const rest = side - crop;
      const centre = cropWindow(side, side, { resize, crop });
      for (const [x, y] of corners(rest, rest, centre.left, centre.top)) {
        yield cut(square, x, y, crop);
      }
      yield resizeTo(square, crop, crop).data;
    }
  }
}

/** Places of the four corners and of the centre. */
const corners = (right: number, bottom: number, left: number, top: number) =>
  [
    [0, 0],
    [right, 0],
    [0, bottom],
    [right, bottom],
    [left, top],
  ] as const;

/** A square of an image, uint8 RGB [size, size, 3]. */
function cut(image: ReducedImage, left: number, top: number, size: number): Uint8Array {
  const pixels = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    const from = ((top + y) * image.width + left) * 3;
    pixels.set(image.data.subarray(from, from + size * 3), y * size * 3);
  }
  return pixels;
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
