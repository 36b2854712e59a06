import { type Network, type Preprocessing, type Tensors, writeSafetensors } from '@hebb/model';
import { createReference } from '@hebb/model/reference/reference';
import { loadTfjsWasm } from '@hebb/tensorflow/backend/tfjs-wasm';
import { calibrate } from '@hebb/train/quantize/calibrate';
import { quantize } from '@hebb/train/quantize/quantize';
import type { Input } from './input.ts';

/** What `hebb quantize` chooses by itself, less its comparisons. */
const OPTIONS = { scales: { rule: 'percentile', percent: 99.99 }, biasCorrection: false } as const;

/** Quantises a network on these images: bytes of `weights.int8.safetensors`. */
export async function quantized(
  {
    network,
    weights,
    preprocessing,
  }: { network: Network; weights: Tensors; preprocessing: Preprocessing },
  images: readonly Input[],
): Promise<Uint8Array<ArrayBuffer>> {
  const reference = createReference(await loadTfjsWasm(), network, weights);
  try {
    const pixels = images.map((image) => image.pixels);
    const calibration = calibrate(reference, preprocessing, pixels);
    const tensors = quantize(network, weights, preprocessing, calibration, OPTIONS);
    return new Uint8Array(writeSafetensors(tensors));
  } finally {
    reference.dispose();
  }
}
