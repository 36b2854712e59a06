import type { Preprocessing } from './preprocessing.ts';

/**
 * Normalises pixels for the network: (value − mean) × scale per colour, in the package's
 * channel order. `pixels` is uint8 RGB [n, s, s, 3]; the result is float32 of the same shape (any
 * number of images: each pixel stands alone), written to `out` when that is given.
 */
export function normalise(
  pixels: Uint8Array,
  preprocessing: Pick<Preprocessing, 'channelOrder' | 'mean' | 'scale'>,
  out: Float32Array = new Float32Array(pixels.length),
): Float32Array {
  const [meanR, meanG, meanB] = preprocessing.mean;
  const [scaleR, scaleG, scaleB] = preprocessing.scale;
  const red = preprocessing.channelOrder === 'rgb' ? 0 : 2;
  for (let i = 0; i < pixels.length; i += 3) {
    out[i + red] = (pixels[i]! - meanR) * scaleR;
    out[i + 1] = (pixels[i + 1]! - meanG) * scaleG;
    out[i + 2 - red] = (pixels[i + 2]! - meanB) * scaleB;
  }
  return out;
}
