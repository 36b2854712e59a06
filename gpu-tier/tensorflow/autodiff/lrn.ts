import type { LrnLayer } from '@hebb/model';
import type { Value } from '../graph/graph-builder.ts';
import { lrn as lrnNodes, neighbourSums } from '../graph/lrn.ts';
import { div, mul, sub } from '../graph/ops.ts';
import type { Pullback, Tape } from './tape.ts';

/**
 * Local response normalisation with its gradient. With y = x · t^-β and t = k + α/size · Σ x²:
 * dx = dy · t^-β − x · 2βα/size · Σ (dy · y / t), summed over the same neighbours.
 */
export function lrn(t: Tape, layer: LrnLayer, x: Value): Value {
  const { g } = t;
  const nodes = lrnNodes(g, layer, x);
  const grad: Pullback = (dy, at) => {
    const inner = div(g, `${at}/inner`, mul(g, `${at}/dyy`, dy, nodes.y), nodes.t);
    const share = (2 * layer.beta * layer.alpha) / layer.size;
    const sums = neighbourSums(g, `${at}/sums`, layer, inner, share);
    const direct = mul(g, `${at}/direct`, dy, nodes.scale);
    return sub(g, at, direct, mul(g, `${at}/xsums`, x, sums));
  };
  return t.record(nodes.y, [[x, grad]]);
}
