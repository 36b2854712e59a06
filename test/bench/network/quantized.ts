import { loadTfjsWasm } from '../../../gpu-tier/backend/tfjs-wasm.ts';
import { calibrate } from '../../../gpu-tier/quantize/calibrate.ts';
import { quantize } from '../../../gpu-tier/quantize/quantize.ts';
import {
  type Network,
  type Preprocessing,
  type Tensors,
  writeSafetensors,
} from '../../../shared/model/index.ts';
import { createReference } from '../../../shared/model/reference/reference.ts';
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
