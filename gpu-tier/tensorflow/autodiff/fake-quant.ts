/**
 * Fake quantisation: float32 values rounded to the steps of an integer type, with straight-through gradients (Jacob et
 * al. 2018, "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", section 3).
 * @module
 */
import {
  ACTIVATION_MAX,
  FIRST_CONV,
  PAIRED_WEIGHT_SUM,
  type Preprocessing,
  WEIGHT_MAX,
} from '@hebb/model';
import { attr, type GraphBuilder, output, type Value } from '../graph/graph-builder.ts';
import {
  abs,
  add,
  div,
  exp,
  intConstant,
  max,
  maximum,
  mul,
  reshape,
  reversed,
  rint,
  sum,
} from '../graph/ops.ts';
import type { Tape } from './tape.ts';

/** Activations have 7 bits: 0 to 127. */
const ACTIVATIONS = {
  num_bits: attr.int(Math.log2(ACTIVATION_MAX + 1)),
  narrow_range: attr.bool(false),
};

const scalar = (g: GraphBuilder, name: string, value: number): Value =>
  g.constant(name, 'float32', [], Float32Array.of(value));

/** The smallest and the largest value that fake-quantised activations can have. */
const limits = (g: GraphBuilder, name: string, range: Value): readonly [Value, Value] => [
  scalar(g, `${name}/smallest`, 0),
  exp(g, `${name}/largest`, range),
];

/**
 * Non-negative activations rounded to the nearest of 128 even steps from 0 to e^range. Larger values are clipped. The
 * gradient of x is `dy` where x is within the range, else 0. That of the range is the sum of `dy` where x is clipped
 * (Choi et al. 2018, "PACT", section 3), times e^range: the range is a logarithm, so that one learning rate fits
 * tensors of any magnitude.
 * @param x float32
 * @param range float32 []
 */
export function fakeQuantActivations(t: Tape, name: string, x: Value, range: Value): Value {
  const { g } = t;
  const [smallest, largest] = limits(g, name, range);
  let gradients: Value | undefined;
  const gradient = (dy: Value): Value => {
    gradients ??= g.add('FakeQuantWithMinMaxVarsGradient', `grad/${name}/fake_quant`, {
      inputs: [dy, x, smallest, largest],
      attrs: ACTIVATIONS,
      dtype: 'float32',
    });
    return gradients;
  };
  const y = g.add('FakeQuantWithMinMaxVars', name, {
    inputs: [x, smallest, largest],
    attrs: ACTIVATIONS,
    dtype: 'float32',
  });
  return t.record(y, [
    [x, gradient],
    [range, (dy, at) => mul(g, at, output(gradient(dy), 2), largest)],
  ]);
}

export interface FakeQuantKernelOptions {
  /** Shape of the kernel: [height, width, inputs, outputs] or [inputs, outputs]. */
  readonly shape: readonly number[];
  /**
   * For the convolution that reads pixels, in the network's channel order: the edge folds `scale` into the kernel, orders
   * its channels red, green, blue, and pads each row of its window with an eighth column of zeros (`firstConvRows`).
   */
  readonly pixels?: Pick<Preprocessing, 'channelOrder' | 'scale'>;
}

/**
 * A kernel rounded to int8 with one step per output channel, as `quantizeRows` chooses it: the largest weight over 127,
 * or more if the rule of pairs (shared/model/int8/paired.ts) needs it. The gradient is `dy`: no weight is clipped.
 */
export function fakeQuantKernel(
  t: Tape,
  name: string,
  kernel: Value,
  options: FakeQuantKernelOptions,
): Value {
  const { g } = t;
  const { pixels } = options;
  if (!pixels) return t.record(rounded(g, name, kernel, options), [[kernel, (dy) => dy]]);
  const scale = pixels.channelOrder === 'rgb' ? pixels.scale : pixels.scale.toReversed();
  const column = g.constant(`${name}/scale`, 'float32', [3, 1], Float32Array.from(scale));
  const scaled = mul(g, `${name}/scaled`, kernel, column);
  const y = div(g, name, rounded(g, `${name}/folded`, scaled, options), column);
  return t.record(y, [[kernel, (dy) => dy]]);
}

/** Each round makes the steps wider by the excess of the sums. The first nearly always suffices: rounding shifts them. */
const ROUNDS = 3;

function rounded(
  g: GraphBuilder,
  name: string,
  kernel: Value,
  { shape, pixels }: FakeQuantKernelOptions,
): Value {
  const axes = shape.slice(0, -1).map((_, axis) => axis);
  const largest = max(g, `${name}/largest`, abs(g, `${name}/magnitude`, kernel), axes);
  const steps = div(g, `${name}/step`, largest, scalar(g, `${name}/levels`, WEIGHT_MAX));
  // A channel of zeros would have a step of 0.
  let step = maximum(g, `${name}/safe`, steps, scalar(g, `${name}/least`, 2 ** -100));
  const inSteps = (part: string) => rint(g, part, div(g, `${part}/exact`, kernel, step));
  if (pixels || shape.at(-2)! % 8 === 0) {
    const limit = scalar(g, `${name}/limit`, PAIRED_WEIGHT_SUM);
    const one = scalar(g, `${name}/one`, 1);
    for (let round = 0; round < ROUNDS; round++) {
      const at = `${name}/pairs${round}`;
      const int8 = inSteps(`${at}/int8`);
      const rows = pixels ? firstRows(g, `${at}/rows`, int8, shape, pixels) : int8;
      const sums = pairedSums(g, at, rows, shape.at(-1)!);
      const excess = maximum(g, `${at}/excess`, div(g, `${at}/share`, sums, limit), one);
      step = mul(g, `${at}/step`, step, excess);
    }
  }
  return mul(g, name, inSteps(`${name}/int8`), step);
}

/** The largest sum of weights of one sign in a lane, for each output channel; see `largestPairedSum`. */
function pairedSums(g: GraphBuilder, name: string, kernel: Value, outputs: number): Value {
  // Weight 4a + 2b + c of eight is in lane b.
  const eights = reshape(g, `${name}/eights`, kernel, [-1, 2, 2, 2, outputs]);
  const all = sum(g, `${name}/sum`, eights, [1, 3]);
  const magnitudes = sum(g, `${name}/magnitudes`, abs(g, `${name}/abs`, eights), [1, 3]);
  // Σ|w| + |Σw| is twice the larger of the two signs' sums.
  const twice = add(g, `${name}/twice`, magnitudes, abs(g, `${name}/abs_sum`, all));
  const most = max(g, `${name}/most`, twice, [0, 1]);
  return mul(g, `${name}/sums`, most, scalar(g, `${name}/half`, 0.5));
}

/** [7, 7, 3, outputs] in the network's channel order to [7, 24, outputs] in RGB. */
function firstRows(
  g: GraphBuilder,
  name: string,
  kernel: Value,
  [height, width, colours, outputs]: readonly number[],
  { channelOrder }: Pick<Preprocessing, 'channelOrder'>,
): Value {
  const weights = width! * colours!;
  const rgb = channelOrder === 'rgb' ? kernel : reversed(g, `${name}/rgb`, kernel, 2);
  const rows = reshape(g, `${name}/flat`, rgb, [height!, weights, outputs!]);
  const zeros = FIRST_CONV.channels - weights;
  const sides = intConstant(g, `${name}/sides`, [3, 2], [0, 0, 0, zeros, 0, 0]);
  const attrs = { T: attr.type('float32'), Tpaddings: attr.type('int32') };
  return g.add('Pad', name, { inputs: [rows, sides], attrs, dtype: 'float32' });
}
