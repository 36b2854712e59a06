/**
 * The whole network as a table, for who would rather read than look.
 * @module
 */
import type { Description, RowDescription } from '../../../shared/model/network/description.ts';
import { h } from '../dom.ts';
import { count, millions, sizes } from './words.ts';

const COLUMNS = ['Layer', 'Window', 'Output', 'Parameters', 'Multiply-adds'];

/** @param show what a layer's name does */
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
