import { googlenet, type Manifest } from '@hebb/model';
import { readPackage } from '@hebb/packages/folder';
import { referenceResult } from '../graph/compare.ts';

/** The result of plain tfjs ops for these pixels: probabilities, logits and embedding. */
export async function referenceFor(dir: string, pixels: Uint8Array) {
  const { manifest, tensors } = await readPackage(dir);
  const { network, preprocessing } = manifest;
  const weights = await tensors('f32');
  return referenceResult({ network: googlenet(network), weights, preprocessing }, pixels);
}

/** The floats of a little-endian tensor. */
export const floats = (bytes: Uint8Array): Float32Array => new Float32Array(bytes.slice().buffer);

/** Random pixels of one image for the package. */
export const imageBytes = ({ network }: Manifest): number => network.inputSize ** 2 * 3;
