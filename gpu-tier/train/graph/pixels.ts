import type { Preprocessing } from '../../../shared/model/index.ts';
import { attr, type GraphBuilder, type Value } from '../../graph/graph-builder.ts';
import { add, intConstant, mul, sub } from '../../graph/ops.ts';
import { centredPixels } from '../../graph/pixels.ts';

/** Reverses x along `axis`. */
function reversed(g: GraphBuilder, name: string, x: Value, axis: number): Value {
  return g.add('ReverseV2', name, {
    inputs: [x, intConstant(g, `${name}/axis`, [1], [axis])],
    attrs: { T: attr.type(x.dtype), Tidx: attr.type('int32') },
    dtype: x.dtype,
  });
}

/** uint8 RGB [n, s, s, 3] to what the network reads: (v − mean) · scale, in the package's order. */
export function normalisedPixels(
  g: GraphBuilder,
  pixels: Value,
  { mean, scale, channelOrder }: Pick<Preprocessing, 'mean' | 'scale' | 'channelOrder'>,
): Value {
  const factors = g.constant('pixels/scale', 'float32', [3], Float32Array.from(scale));
  const scaled = mul(g, 'pixels/scaled', centredPixels(g, pixels, { mean }), factors);
  return channelOrder === 'rgb' ? scaled : reversed(g, 'pixels/bgr', scaled, 3);
}

/**
 * Mixup (Zhang et al. 2018): each image x becomes λx + (1 − λ)x', where x' is the image at the same
 * place from the end of the batch. `shares` are λ, float32 [n, 1, 1, 1].
 */
export function mixed(g: GraphBuilder, images: Value, shares: Value): Value {
  const others = reversed(g, 'mixup/others', images, 0);
  const one = g.constant('mixup/one', 'float32', [], Float32Array.of(1));
  const rest = sub(g, 'mixup/rest', one, shares);
  return add(g, 'mixup', mul(g, 'mixup/own', images, shares), mul(g, 'mixup/other', others, rest));
}
