import { googlenet, type NetworkSpec } from '@hebb/model/network/googlenet';
import { layerParameters } from '@hebb/model/network/parameters';

/** Bytes of activations, pixel address tables and one layer's three copies: measured, with a margin. */
export const WORKING_BYTES = 16e6;

/** Bytes of heap that the engine will take. Its weights are float32 however they are stored. */
export function tfjsHeapBytes(spec: NetworkSpec): number {
  const sizes = googlenet(spec).layers.flatMap(layerParameters);
  const numbers = sizes.map(({ shape }) => shape.reduce((product, n) => product * n, 1));
  return 4 * numbers.reduce((sum, n) => sum + n, 0) + WORKING_BYTES + 1e6;
}
