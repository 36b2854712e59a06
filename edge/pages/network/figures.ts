/**
 * The network's figures, what its 1×1 reductions save, and the whole network as a table.
 * @module
 */
import type { Description, RowDescription } from '@hebb/model/network/description';
import { h } from '../dom.ts';
import { count, millions, sizes, times } from './words.ts';

/** The key figures. @param reduced the same network with reductions, if `own` is the naive one */
export function figures(own: Description, reduced?: Description): HTMLElement[] {
  const { totals, auxiliaryHeads } = own;
  const ratio = (key: 'parameters' | 'multiplyAdds') =>
    reduced && `${times(totals[key] / reduced.totals[key])} as many as with reductions`;
  return [
    figure(
      String(totals.weightLayers),
      'layers with weights',
      `${totals.withPooling} with pooling`,
    ),
    figure(String(totals.modules), 'Inception modules', 'of four branches each'),
    figure(
      millions(totals.parameters),
      'parameters',
      ratio('parameters') ??
        `${millions(auxiliaryHeads?.parameters ?? 0)} more in auxiliary heads, for training`,
    ),
    figure(
      millions(totals.multiplyAdds),
      'multiply-adds per image',
      ratio('multiplyAdds') ?? `at ${own.inputSize}×${own.inputSize} pixels`,
    ),
  ];
}

const figure = (value: string, name: string, more: string): HTMLElement =>
  h(
    'div',
    {},
    h('dt', {}, name),
    h('dd', { class: 'numbers' }, h('strong', {}, value), h('span', { class: 'muted' }, more)),
  );

/** Each module beside the naive one on the same input. @param show called with a module's name */
export function savings(reduced: Description, show: (module: string) => void): HTMLElement[] {
  const { naiveModules, naiveNetwork } = reduced.comparisons;
  const { totals } = reduced;
  const most = Math.max(...naiveModules.map(({ naive }) => naive.multiplyAdds));
  const rows = naiveModules.map(({ module, inception, naive }) => {
    const name = h('button', { type: 'button', class: 'link' }, module);
    name.addEventListener('click', () => show(module));
    return h(
      'tr',
      {},
      h('th', { scope: 'row' }, name),
      cell(count(inception.parameters)),
      cell(count(naive.parameters)),
      cell(times(naive.parameters / inception.parameters)),
      cell(millions(inception.multiplyAdds), bar(inception.multiplyAdds / most)),
      cell(millions(naive.multiplyAdds), bar(naive.multiplyAdds / most, 'naive')),
      cell(times(naive.multiplyAdds / inception.multiplyAdds)),
    );
  });
  const example = reduced.comparisons.reductionExample;
  const table = h(
    'table',
    {},
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        ...['Module', 'Parameters', 'Naive', 'Ratio', 'Multiply-adds', 'Naive', 'Ratio'].map(
          (title) => h('th', { scope: 'col' }, title),
        ),
      ),
    ),
    h('tbody', {}, ...rows),
  );
  return [
    h(
      'p',
      {},
      `A naive module has no 1×1 reductions: its 3×3 and 5×5 convolutions read all channels, and its pooling passes all of them on. One 5×5 convolution of 14×14×480 to 48 channels takes ${millions(example.direct)} multiply-adds directly, and ${millions(example.reduced)} through 16 channels. A whole network of naive modules, whose channels add up from module to module, would have ${millions(naiveNetwork.parameters)} parameters and ${millions(naiveNetwork.multiplyAdds)} multiply-adds: ${times(naiveNetwork.parameters / totals.parameters)} and ${times(naiveNetwork.multiplyAdds / totals.multiplyAdds)} as many. The table compares each module on the same input.`,
    ),
    h('div', { class: 'scroll' }, table),
  ];
}

const cell = (text: string, ...more: readonly Node[]): HTMLElement =>
  h('td', { class: 'numbers' }, text, ...more);

function bar(share: number, kind = ''): HTMLElement {
  const element = h('span', { class: `share-bar ${kind}`, 'aria-hidden': 'true' });
  element.style.setProperty('inline-size', `${(100 * share).toFixed(1)}%`);
  return element;
}

const COLUMNS = ['Layer', 'Window', 'Output', 'Parameters', 'Multiply-adds'];

/** The whole network as a table. @param show called with a layer's name */
export function networkTable({ rows }: Description, show: (layer: string) => void): HTMLElement {
  const lines = rows.flatMap((row) => [
    line(row, row.layers.length === 1 ? row.layers[0]!.window : '', show),
    ...(row.layers.length === 1 ? [] : row.layers)
      .filter(({ kind, name }) => kind !== 'concat' || name !== row.name)
      .map((layer) => line(layer, layer.window, show, layer.name.replace(`${row.name}/`, ''))),
  ]);
  const head = h('tr', {}, ...COLUMNS.map((title) => h('th', { scope: 'col' }, title)));
  return h('table', {}, h('thead', {}, head), h('tbody', {}, ...lines));
}

function line(
  { name, output, parameters, multiplyAdds }: Omit<RowDescription, 'layers' | 'depth'>,
  window: string,
  show: (layer: string) => void,
  shown?: string,
): HTMLElement {
  const button = h('button', { type: 'button', class: 'link' }, shown ?? name);
  button.addEventListener('click', () => show(name));
  const numbers = [
    window,
    sizes(output),
    parameters && count(parameters),
    multiplyAdds && millions(multiplyAdds),
  ];
  return h(
    'tr',
    { class: shown === undefined ? '' : 'inner' },
    h('th', { scope: 'row' }, button),
    ...numbers.map((value) => h('td', { class: 'numbers' }, value ? String(value) : '')),
  );
}
