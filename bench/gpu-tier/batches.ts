import type { Preprocessing } from '@hebb/model';
import { normalise } from '@hebb/model/preprocess/normalise';
import type { BatchInput } from './backends.ts';

/** The first `n` of the images (repeated where there are fewer) as one batch. */
export function batchOf(
  images: readonly { readonly pixels: Uint8Array }[],
  n: number,
  preprocessing: Preprocessing,
): BatchInput {
  const pixels = Buffer.concat(
    Array.from({ length: n }, (_, i) => images[i % images.length]!.pixels),
  );
  const nhwc = normalise(pixels, preprocessing);
  const area = preprocessing.crop ** 2;
  const nchw = new Float32Array(nhwc.length);
  for (let image = 0; image < n; image++) {
    const start = image * area * 3;
    for (let i = 0; i < area; i++) {
      for (let c = 0; c < 3; c++) nchw[start + c * area + i] = nhwc[start + i * 3 + c]!;
    }
  }
  return { n, pixels, nchw };
}
