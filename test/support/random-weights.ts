/**
 * Weights for tests that need a network but no meaning: seeded, and scaled so that activations
 * neither vanish nor explode on the way (He et al. 2015: standard deviation √(2 / fan-in)).
 * @module
 */
import {
  layerParameters,
  type Network,
  type ParameterSpec,
  type Tensor,
  type Tensors,
} from '../../shared/model/index.ts';

/** mulberry32: a small PRNG with 32 bits of state. Returns numbers in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Numbers of the standard normal distribution (Box–Muller). */
export function seededNormal(seed: number): () => number {
  const random = seededRandom(seed);
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}

/** Every tensor of the network, float32, the same for the same seed. */
export function randomWeights(network: Network, seed: number): Tensors {
  const normal = seededNormal(seed);
  const tensors = new Map<string, Tensor>();
  for (const layer of network.layers) {
    for (const parameter of layerParameters(layer)) {
      const { center, deviation } = distribution(parameter);
      const length = parameter.shape.reduce((product, n) => product * n, 1);
      const data = Float32Array.from({ length }, () => center + deviation * normal());
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
