import type { Layer } from '../../../shared/model/network/layer.ts';
import { h } from '../dom.ts';
import type { Activations } from '../engine/index.ts';
import { percent } from '../format.ts';

/** Most classes that are listed. */
const LISTED = 10;

/** The classes with the largest logits or probabilities. */
export function classTable(
  { data, channels }: Activations,
  { kind }: Layer,
  labels: readonly string[],
): HTMLElement {
  const order = Array.from(data.keys()).sort((a, b) => data[b]! - data[a]!);
  const rows = order.slice(0, LISTED).map((index) => {
    const value = data[index]!;
    const text = kind === 'softmax' ? percent(value, 2) : value.toFixed(2);
    return h(
      'tr',
      {},
      h('th', { scope: 'row' }, labels[index] ?? String(index)),
      h('td', { class: 'numbers' }, text),
    );
  });
  const what = kind === 'softmax' ? 'Probability' : 'Logit';
  const head = h('tr', {}, h('th', { scope: 'col' }, 'Class'), h('th', { scope: 'col' }, what));
  const rest = channels - rows.length;
  return h(
    'div',
    {},
    h('table', {}, h('thead', {}, head), h('tbody', {}, ...rows)),
    rest > 0 ? h('p', { class: 'muted' }, `and ${rest} others`) : undefined,
  );
}
