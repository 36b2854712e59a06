import type { LrnLayer } from '@hebb/model';
import { toBfloat16 } from './bfloat16.ts';
import type { GraphBuilder, Value } from './graph-builder.ts';
import { biasAdd, conv2d, mul, pow, reshape, rsqrt, sqrt, square } from './ops.ts';

/** A local response normalisation, with the values that its gradient needs. */
export interface LrnNodes {
  /** x · scale. */
  readonly y: Value;
  /** bias + alpha / size · Σ x². */
  readonly t: Value;
  /** t^-beta. */
  readonly scale: Value;
}

/**
 * Channels of a block: the number of float32 in an AVX-512 vector. 32 and 64 were slower (measured).
 */
const BLOCK = 16;

/**
 * Local response normalisation through a convolution of the squares (`neighbourSums`). TensorFlow's own
 * LRN op takes four times as long and is float32 only. t^-0.75 is r · √r with r = 1 / √t.
 */
export function lrn(g: GraphBuilder, layer: LrnLayer, x: Value): LrnNodes {
  const { name, beta, alpha, size, bias } = layer;
  const squares = square(g, `${name}/squares`, x);
  const t = neighbourSums(g, `${name}/t`, layer, squares, alpha / size, bias);
  const power = (): Value => {
    if (beta !== 0.75) {
      const exponent = constant(g, `${name}/exponent`, x, [], Float32Array.of(-beta));
      return pow(g, `${name}/scale`, t, exponent);
    }
    const r = rsqrt(g, `${name}/r`, t);
    return mul(g, `${name}/scale`, r, sqrt(g, `${name}/root`, r));
  };
  const scale = power();
  return { y: mul(g, name, x, scale), t, scale };
}

/**
 * `bias` + `share` · Σ x over each channel and its neighbours, [n, h, w, c] to [n, h, w, c].
 *
 * The channels are viewed as a row of blocks, [n, h · w, c / 16, 16], without a copy, and a convolution of three
 * blocks with a banded matrix sums them: matrix products are fast, and for 192 channels this one has a quarter
 * of the multiplications of a full matrix.
 */
export function neighbourSums(
  g: GraphBuilder,
  name: string,
  { shape, size }: LrnLayer,
  x: Value,
  share: number,
  bias?: number,
): Value {
  const [height, width, channels] = shape;
  const block = channels % BLOCK === 0 ? BLOCK : channels;
  const band = bandMatrix(block, (size - 1) / 2, share);
  const kernel = constant(g, `${name}/band`, x, [1, 3, block, block], band);
  const blocks = reshape(g, `${name}/blocks`, x, [-1, height * width, channels / block, block]);
  const convolution = { stride: 1, size: 3, pad: 1 };
  let sums = conv2d(g, `${name}/sums`, blocks, kernel, convolution);
  if (bias !== undefined) {
    const values = new Float32Array(block).fill(bias);
    sums = biasAdd(g, `${name}/biased`, sums, constant(g, `${name}/bias`, x, [block], values));
  }
  return reshape(g, name, sums, [-1, height, width, channels]);
}

/** [3, block, block], row-major: the shares of the previous, the same and the next block. */
export function bandMatrix(block: number, reach: number, share: number): Float32Array {
  return Float32Array.from({ length: 3 * block * block }, (_, i) => {
    const [from, to] = [Math.floor(i / block) - block, i % block];
    return Math.abs(from - to) <= reach ? share : 0;
  });
}

/** A constant of the data type of `x`. */
function constant(
  g: GraphBuilder,
  name: string,
  x: Value,
  shape: readonly number[],
  values: Float32Array,
): Value {
  return g.constant(name, x.dtype, shape, x.dtype === 'bfloat16' ? toBfloat16(values) : values);
}
