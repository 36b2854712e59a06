/**
 * Facts about the chosen layer or module.
 * @module
 */
import type { Cost } from '@hebb/model/network/cost';
import type { Description } from '@hebb/model/network/description';
import type { Box } from '@hebb/model/network/drawing';
import { h } from '../dom.ts';
import { percent } from '../format.ts';
import { AUXILIARY, aboutBox, count, millions, sizes, times } from './words.ts';

export interface Drawn {
  readonly description: Description;
  readonly boxes: readonly Box[];
}

export function facts(box: Box, { description }: Drawn): HTMLElement[] {
  const { name, kind, section, inputShape, shape, cost } = box;
  const auxiliary = section.startsWith('aux');
  const layer = description.rows.flatMap(({ layers }) => layers).find((one) => one.name === name);
  const rows: [string, string][] = [
    ...(kind === 'input' ? [] : ([['Input', sizes(inputShape)]] as [string, string][])),
    ['Output', sizes(shape)],
    ...(layer?.window ? ([['Window', layer.window]] as [string, string][]) : []),
    ...costRows(cost, auxiliary ? undefined : description.totals),
  ];
  return [
    h('p', {}, aboutBox(box), auxiliary ? ` ${AUXILIARY}` : ''),
    h(
      'dl',
      { class: 'facts' },
      ...rows.map(([term, value]) =>
        h('div', {}, h('dt', {}, term), h('dd', { class: 'numbers' }, value)),
      ),
    ),
  ];
}

function costRows(
  { parameters, multiplyAdds }: Cost,
  totals: Cost | undefined,
): [string, string][] {
  if (parameters === 0) return [['Cost', 'negligible: it has no weights']];
  const share = (own: number, all: number | undefined) =>
    all ? ` (${percent(own / all)} of the network)` : '';
  return [
    ['Parameters', `${count(parameters)}${share(parameters, totals?.parameters)}`],
    ['Multiply-adds', `${millions(multiplyAdds)}${share(multiplyAdds, totals?.multiplyAdds)}`],
  ];
}

/** The layers of a module. @param open whether to unfold them; folded, the activations are nearer */
export function moduleFacts(
  box: Box,
  { description: { comparisons }, boxes }: Drawn,
  open: boolean,
): HTMLElement {
  const members = boxes.filter(({ name }) => name.startsWith(`${box.name}/`));
  const rows = members.map(({ name, inputShape, shape, cost }) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, name.replace(`${box.name}/`, '')),
      h('td', { class: 'numbers' }, `${inputShape[2]} → ${shape[2]}`),
      h('td', { class: 'numbers' }, cost.parameters ? count(cost.parameters) : ''),
      h('td', { class: 'numbers' }, cost.multiplyAdds ? millions(cost.multiplyAdds) : ''),
    ),
  );
  const titles = ['Layer', 'Channels', 'Parameters', 'Multiply-adds'];
  const head = h('tr', {}, ...titles.map((title) => h('th', { scope: 'col' }, title)));
  const compared = comparisons.naiveModules.find(({ module }) => module === box.name);
  const text =
    compared &&
    `Without the 1×1 reductions, on the same input: ${millions(compared.naive.parameters)} parameters and ${millions(compared.naive.multiplyAdds)} multiply-adds, ${times(compared.naive.parameters / compared.inception.parameters)} and ${times(compared.naive.multiplyAdds / compared.inception.multiplyAdds)} as many.`;
  return h(
    'details',
    { open },
    h('summary', {}, 'Its layers', compared && ', and what they save'),
    h('table', {}, h('thead', {}, head), h('tbody', {}, ...rows)),
    text && h('p', {}, text),
  );
}
