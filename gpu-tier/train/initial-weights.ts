import { layerParameters, type Network, type ParameterSpec } from '../../shared/model/index.ts';
import { derivedSeed, seededNormal } from '../random/random.ts';

/**
 * Weights to start from, float32 by the parameter's name: kernels normal with deviation √(2 / fan-in)
 * (He et al. 2015, section 2.2), classifiers with 0.01, batch norm as the identity, biases 0.
 */
export function initialWeights(network: Network, seed: number): Map<string, Float32Array> {
  const parameters = network.layers.flatMap((layer) =>
    layerParameters(layer).map((parameter) => ({ parameter, isLinear: layer.kind === 'linear' })),
  );
  return new Map(
    parameters.map(({ parameter, isLinear }, i) => [
      parameter.name,
      initial(parameter, isLinear, derivedSeed(seed, i)),
    ]),
  );
}

function initial({ name, shape }: ParameterSpec, isLinear: boolean, seed: number): Float32Array {
  const length = shape.reduce((product, n) => product * n, 1);
  const kind = name.slice(name.lastIndexOf('/') + 1);
  if (kind !== 'kernel') {
    return new Float32Array(length).fill(kind === 'gamma' || kind === 'variance' ? 1 : 0);
  }
  const fanIn = shape.slice(0, -1).reduce((product, n) => product * n, 1);
  const normal = seededNormal(seed);
  const deviation = isLinear ? 0.01 : Math.sqrt(2 / fanIn);
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = deviation * normal();
  return values;
}
