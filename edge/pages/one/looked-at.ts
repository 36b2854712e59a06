/**
 * What the network looked at: a grey patch covers each place of the picture in turn, and where the score
 * of a class falls, the network needed that place (Zeiler and Fergus 2014). Computed in this browser.
 * @module
 */
import type { Classification } from '@hebb/protocol/api/classification';
import type { App } from '../app.ts';
import { button, h } from '../dom.ts';
import type { OcclusionMap } from '../engine/index.ts';
import { percent } from '../format.ts';
import { colourLine, heatMap, placeOf } from './heat-map.ts';
import type { Picture } from './picture.ts';

export interface LookedAtOptions {
  readonly image: File;
  readonly answer: Classification;
  readonly picture: Picture;
  readonly signal: AbortSignal;
}

export function lookedAt(
  app: App,
  { image, answer, picture, signal }: LookedAtOptions,
): HTMLElement {
  const classes = h(
    'select',
    { 'aria-label': 'Class' },
    ...answer.predictions.map(({ index, label }) => h('option', { value: index }, label)),
  );
  const told = h('div', 'told');
  let ends: AbortController | undefined;

  const hide = () => {
    picture.uncover();
    told.replaceChildren();
  };
  const compute = async (own: AbortSignal) => {
    const { label } = classes.selectedOptions[0]!;
    const bar = h('progress', { 'aria-label': 'Places tested' });
    told.replaceChildren(
      bar,
      button('Stop', () => ends?.abort()),
    );
    const { preprocessing } = await app.engine().info();
    const map = await app.engine().occlusion(image, {
      label: Number(classes.value),
      signal: own,
      onProgress(done, total) {
        bar.max = total;
        bar.value = done;
      },
    });
    if (own.aborted) return;
    picture.cover(heatMap(map), preprocessing);
    const said = meaning(label, map);
    told.replaceChildren(legend(map), h('p', '', said), button('Hide the map', hide));
    app.say(said);
  };
  const start = button('Show what it looked at', () => {
    ends?.abort();
    ends = new AbortController();
    const own = AbortSignal.any([signal, ends.signal]);
    hide();
    start.disabled = true;
    compute(own)
      .catch((error: unknown) => {
        hide();
        if (!own.aborted) app.fail(error);
      })
      .finally(() => {
        start.disabled = false;
      });
  });
  return h('div', '', h('div', 'row', start, h('span', '', 'for'), classes), told);
}

function meaning(label: string, map: OcclusionMap): string {
  const { drop, score, patch } = map;
  const most = Math.max(...drop);
  if (most <= 0) return `No place of the grey patch lowers the score of ${label}.`;
  const side = map.input.width;
  return (
    `The brighter a place, the more the score of ${label} falls when a grey patch of ${patch} × ${patch} ` +
    `pixels covers it: at most from ${percent(score)} to ${percent(score - most)}, at the ` +
    `${placeOf(map)}. This browser computed it from ${drop.length} covered copies of the frame, whose ` +
    `${side} × ${side} pixels are all that the network sees.`
  );
}

function legend({ drop }: OcclusionMap): HTMLElement {
  const line = colourLine();
  line.setAttribute('aria-hidden', 'true');
  const points = (100 * Math.max(0, ...drop)).toFixed(1);
  return h('p', 'legend numbers', '0', line, `${points} percentage points`);
}
