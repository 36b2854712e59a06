import { h } from '../dom.ts';
import { percent } from '../format.ts';

export interface Scored {
  readonly index: number;
  readonly label: string;
  readonly score: number;
}

/** Predictions as bars, best first; label and score are text beside them. */
export function bars(predictions: readonly Scored[]): HTMLElement {
  const rows = predictions.map(({ label, score }) => {
    const fill = h('span', 'fill');
    fill.style.setProperty('width', `${Math.max(score * 100, 0.5)}%`);
    return h(
      'li',
      '',
      h('span', 'label', label),
      h('span', 'score numbers', percent(score)),
      h('span', { class: 'track', 'aria-hidden': 'true' }, fill),
    );
  });
  return h('ol', 'bars', ...rows);
}
