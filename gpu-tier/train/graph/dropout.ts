import { shapeOf } from '../../autodiff/ops.ts';
import { attr, type GraphBuilder, type Value } from '../../graph/graph-builder.ts';
import { add, cast, intConstant, mul } from '../../graph/ops.ts';

/**
 * A mask for x: 0 with probability `rate`, else 1 / (1 − rate), so
 * that the mean stays. The op is stateless: the same seed gives the same mask, whatever ran before,
 * so a resumed run draws what the first would have.
 */
export function dropoutMask(
  g: GraphBuilder,
  name: string,
  x: Value,
  rate: number,
  { seed, index }: { readonly seed: Value; readonly index: number },
): Value {
  const own = add(g, `${name}/seed`, seed, intConstant(g, `${name}/index`, [2], [0, index]));
  const uniform = g.add('StatelessRandomUniform', `${name}/uniform`, {
    inputs: [shapeOf(g, `${name}/shape`, x), own],
    attrs: { dtype: attr.type('float32'), T: attr.type('int32'), Tseed: attr.type('int32') },
    dtype: 'float32',
  });
  const scalar = (part: string, value: number) =>
    g.constant(`${name}/${part}`, 'float32', [], Float32Array.of(value));
  const kept = g.add('GreaterEqual', `${name}/kept`, {
    inputs: [uniform, scalar('rate', rate)],
    attrs: { T: attr.type('float32') },
    dtype: 'bool',
  });
  const ones = cast(g, `${name}/ones`, kept, 'float32');
  return mul(g, `${name}/mask`, ones, scalar('scale', 1 / (1 - rate)));
}
