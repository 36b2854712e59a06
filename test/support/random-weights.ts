/**
 * Seeded random weights, for tests that need no meaningful answers, scaled so that activations neither vanish nor
 * explode (He et al. 2015: standard deviation √(2 / fan-in)).
 * @module
 */

import {
  layerParameters,
  type Network,
  type ParameterSpec,
  type Tensor,
  type Tensors,
} from '@hebb/model';
import { seededNormal, seededRandom } from '@hebb/train/random/random';

export { seededNormal, seededRandom };

const TABLE = 65_536;
let table: Float64Array | undefined;

/** Like `seededNormal`, but faster, for millions of numbers: draws from 65,536 of them. */
export function quickNormal(seed: number): () => number {
  table ??= Float64Array.from({ length: TABLE }, seededNormal(1));
  const numbers = table;
  const random = seededRandom(seed);
  return () => numbers[Math.floor(random() * TABLE)]!;
}

/** All tensors of the network, float32, the same for the same seed. */
export function randomWeights(network: Network, seed: number): Tensors {
  const normal = quickNormal(seed);
  const tensors = new Map<string, Tensor>();
  for (const layer of network.layers) {
    for (const parameter of layerParameters(layer)) {
      const { center, deviation } = distribution(parameter);
      const length = parameter.shape.reduce((product, n) => product * n, 1);
      const data = new Float32Array(length);
      for (let i = 0; i < length; i++) data[i] = center + deviation * normal();
      tensors.set(parameter.name, { dtype: 'F32', shape: parameter.shape, data });
    }
  }
  return tensors;
}

function distribution({ name, shape }: ParameterSpec): { center: number; deviation: number } {
  const kind = name.slice(name.lastIndexOf('/') + 1);
  const fanIn = shape.slice(0, -1).reduce((product, n) => product * n, 1);
  if (kind === 'kernel') return { center: 0, deviation: Math.sqrt(2 / fanIn) };
  if (kind === 'gamma' || kind === 'variance') return { center: 1, deviation: 0.15 };
  return { center: 0, deviation: 0.1 }; // bias, beta, mean
}
