/**
 * Euclidean norms of the network's kernels, or of their gradients, row by row: what a look at vanishing
 * gradients needs (paper section 5).
 * @module
 */
import { type Layer, layerParameters, type Network, rowName } from '@hebb/model';
import { attr, type GraphBuilder, type Value } from '@hebb/tensorflow/graph/graph-builder';
import { mul, sqrt } from '@hebb/tensorflow/graph/ops';

/**
 * Adds the norm of each row of the network without auxiliary heads, over all kernels of the row:
 * √(Σ v²). Biases and batch norm are left out, so that variants can be compared.
 * @param value the tensor to measure for a kernel, float32; undefined leaves it out
 * @returns scalars by row, from `conv1` to `linear`; a row without a tensor is missing
 */
export function kernelNorms(
  g: GraphBuilder,
  at: string,
  { layers }: Network,
  value: (kernel: string) => Value | undefined,
): ReadonlyMap<string, Value> {
  const rows = new Map<string, Value[]>();
  for (const layer of layers.filter(isMeasured)) {
    const [kernel] = layerParameters(layer);
    const measured = kernel && value(kernel.name);
    if (!measured) continue;
    // L2Loss is Σ v² / 2 in one pass, without a tensor of squares.
    const half = g.add('L2Loss', `${at}/${kernel.name}`, {
      inputs: [measured],
      attrs: { T: attr.type('float32') },
      dtype: 'float32',
    });
    rows.set(rowName(layer), [...(rows.get(rowName(layer)) ?? []), half]);
  }
  const two = g.constant(`${at}/two`, 'float32', [], Float32Array.of(2));
  return new Map(
    [...rows].map(([row, halves]) => {
      const attrs = { T: attr.type('float32'), N: attr.int(halves.length) };
      const sum = g.add('AddN', `${at}/${row}/sum`, { inputs: halves, attrs, dtype: 'float32' });
      return [row, sqrt(g, `${at}/${row}/norm`, mul(g, `${at}/${row}/twice`, sum, two))];
    }),
  );
}

const isMeasured = ({ section }: Layer): boolean => section === 'trunk' || section === 'head';
