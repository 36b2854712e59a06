import { googlenet, type Manifest } from '@hebb/model';
import { readPackage } from '@hebb/packages/folder';
import { referenceResult } from '../graph/compare.ts';

/** What plain tfjs ops give for these pixels: probabilities, logits and embedding. */
export async function referenceFor(dir: string, pixels: Uint8Array) {
  const { manifest, tensors } = await readPackage(dir);
  const { network, preprocessing } = manifest;
  const weights = await tensors('f32');
  return referenceResult({ network: googlenet(network), weights, preprocessing }, pixels);
}

/** Floats of a little-endian tensor. */
export const floats = (bytes: Uint8Array): Float32Array => new Float32Array(bytes.slice().buffer);

/** Input of the package: pixels of one image. */
export const imageBytes = ({ network }: Manifest): number => network.inputSize ** 2 * 3;
