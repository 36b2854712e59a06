import { h } from '../dom.ts';
import type { Activations } from '../engine/index.ts';
import { oneMap } from './maps.ts';
import { statisticsOf } from './statistics.ts';

/** One channel's map, large: the strongest at first, another by its number or by `show`. */
export function oneChannel(activations: Activations, most: number) {
  const last = activations.channels - 1;
  const field = h('input', { type: 'number', id: 'channel', min: 0, max: last, value: 0 });
  const place = h('div', { class: 'one-map' });
  const show = (channel: number) => {
    field.value = String(channel);
    const { largest } = statisticsOf(activations, { first: channel, count: 1 });
    const canvas = oneMap(activations, channel, most);
    canvas.setAttribute('role', 'img');
    const text = `Largest number ${largest}; of all channels ${most}`;
    canvas.setAttribute('aria-label', `Channel ${channel}. ${text}`);
    place.replaceChildren(canvas, h('span', { class: 'muted numbers' }, text));
  };
  field.addEventListener('input', () => {
    const channel = field.valueAsNumber;
    if (Number.isInteger(channel) && channel >= 0 && channel <= last) show(channel);
  });
  show(strongest(activations));
  const label = h('label', { for: 'channel' }, `Channel, 0 to ${last}`);
  const hint = h('p', { class: 'muted' }, 'or choose a map below');
  return {
    show,
    element: h('div', { class: 'enlarged' }, h('div', {}, label, field, hint), place),
  };
}

/** The channel with the largest number. */
function strongest({ data, channels }: Activations): number {
  let best = 0;
  for (const [at, value] of data.entries()) if (value > data[best]!) best = at;
  return best % channels;
}
