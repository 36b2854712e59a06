/**
 * Quantised networks of random integers, for tests that compare integer arithmetic. The scales make activations
 * use their whole range; adversarial weights reach the limits of the arithmetic.
 * @module
 */
import {
  googlenet,
  layerParameters,
  type NetworkSpec,
  scaleOwner,
  type Tensor,
  type Tensors,
} from '@hebb/model';
import { quickNormal, seededRandom } from './random-weights.ts';

/**
 * `gaussian`: like trained weights. `extreme`: only −127 and 127, which overflow 16-bit sums. `limit`: sums of 258 with
 * the same sign, the largest that a 16-bit sum can hold (shared/model/int8/paired.ts). `full`: channels of only 127, or
 * of −127 and 127 in a chessboard pattern, which bring Winograd's transformed weights to their limits.
 */
export type WeightStyle = 'gaussian' | 'extreme' | 'limit' | 'full';

/** Weights at {0,1,4,5} and at {2,3,6,7} sum to 258. */
const LIMIT = [127, 4, 127, 127, 127, 0, 4, 0];

/** Tensors of `weights.int8.safetensors` for a network. */
export function randomQuantized(spec: NetworkSpec, seed: number, style: WeightStyle): Tensors {
  const network = googlenet({ ...spec, folded: true });
  const random = seededRandom(seed);
  const normal = quickNormal(seed + 1);
  const sign = () => Math.sign(random() - 0.5);
  const weights = {
    gaussian: () => Math.max(-127, Math.min(127, Math.round(normal() * 30))),
    extreme: () => 127 * sign(),
    limit: () => 0,
    full: () => 0,
  };
  const tensors = new Map<string, Tensor>();
  const scales = (...data: number[]): Tensor => ({
    dtype: 'F32',
    shape: [data.length],
    data: Float32Array.from(data),
  });
  // LRN can read channels that have scales of their own.
  const lrns = network.layers.filter(({ kind }) => kind === 'lrn');
  const beforeLrn = new Set(lrns.map((layer) => scaleOwner(network, layer)));
  for (const layer of network.layers) {
    const own =
      style === 'gaussian' && beforeLrn.has(layer.name)
        ? Array.from({ length: layer.shape[2] }, () => 0.3 + 0.7 * random())
        : [layer.kind === 'lrn' ? 0.3 : 1];
    tensors.set(`${layer.name}/activation_scale`, scales(...own));
    for (const { name, shape } of layerParameters(layer)) {
      const out = shape.at(-1)!;
      if (name.endsWith('/bias')) {
        const bias = Int32Array.from({ length: out }, () => Math.round(normal() * 500));
        tensors.set(name, { dtype: 'I32', shape, data: bias });
        continue;
      }
      const depth = shape.slice(0, -1).reduce((a, b) => a * b, 1);
      const kernel = new Int8Array(out * depth);
      for (let i = 0; i < kernel.length; i++) kernel[i] = weights[style]();
      if (style === 'limit') {
        for (let o = 0; o < out; o++) {
          const s = sign(); // half of the channels saturate at 127, half are 0
          for (let i = 0; i < depth; i++) kernel[o * depth + i] = s * LIMIT[i % 8]!;
        }
      }
      if (style === 'full') {
        const [size, channels] = [shape.length === 4 ? shape[0]! : 1, shape.at(-2)!];
        for (let i = 0; i < kernel.length; i++) {
          const [o, tap] = [Math.floor(i / depth), Math.floor((i % depth) / channels)];
          const black = (Math.floor(tap / size) + (tap % size)) % 2 === 1;
          kernel[i] = (o & 1 && black) || o & 2 ? -127 : 127;
        }
      }
      tensors.set(name, { dtype: 'I8', shape: [out, ...shape.slice(0, -1)], data: kernel });
      // A sum of `depth` products of about 30 · 50 has a standard deviation of about 1500 · √depth.
      const spread = (style === 'gaussian' ? 1500 : 6000) * Math.sqrt(depth);
      const inputScale = layer.inputs[0] === 'input' ? 2 : 1;
      const scale = Float32Array.from(
        { length: out },
        () => (50 * (0.5 + random())) / spread / inputScale,
      );
      tensors.set(`${layer.name}/scale`, { dtype: 'F32', shape: [out], data: scale });
    }
  }
  tensors.set('input/zero_point', { dtype: 'U8', shape: [3], data: Uint8Array.of(61, 58, 52) });
  return tensors;
}

/** uint8 RGB pixels [size, size, 3]. */
export function randomPixels(size: number, seed: number): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.from({ length: size * size * 3 }, () => Math.floor(random() * 256));
}
