import type { LrnLayer } from '../../shared/model/index.ts';
import { toBfloat16 } from '../graph/bfloat16.ts';
import type { Value } from '../graph/graph-builder.ts';
import { bandMatrix, lrn as lrnNodes } from '../graph/lrn.ts';
import { conv2d, div, mul, sub } from '../graph/ops.ts';
import type { Pullback, Tape } from './tape.ts';

/**
 * Local response normalisation with its gradient. With y = x · t^-β and t = k + α/size · Σ x²:
 * dx = dy · t^-β − x · 2βα/size · Σ (dy · y / t), summed over the same neighbours.
 */
export function lrn(t: Tape, layer: LrnLayer, x: Value): Value {
  const { g } = t;
  const nodes = lrnNodes(g, layer, x);
  const channels = layer.shape[2];
  const grad: Pullback = (dy, at) => {
    const values = bandMatrix(layer).map((share) => share * 2 * layer.beta);
    const data = x.dtype === 'bfloat16' ? toBfloat16(values) : values;
    const band = g.constant(`${at}/band`, x.dtype, [1, 1, channels, channels], data);
    const inner = div(g, `${at}/inner`, mul(g, `${at}/dyy`, dy, nodes.y), nodes.t);
    const sums = conv2d(g, `${at}/sums`, inner, band, { stride: 1, pad: 0 });
    const direct = mul(g, `${at}/direct`, dy, nodes.scale);
    return sub(g, at, direct, mul(g, `${at}/xsums`, x, sums));
  };
  return t.record(nodes.y, [[x, grad]]);
}
