/**
 * One image: the picture, its best classes and which tier answered; then comparison and occlusion map.
 * @module
 */
import type { Classification } from '@hebb/protocol/api/classification';
import type { App } from '../app.ts';
import { button, h } from '../dom.ts';
import { listed, milliseconds, namesIn, percent, shortVersion, shownIn } from '../format.ts';
import { readable } from '../input/readable.ts';
import { rememberImage } from '../last-image.ts';
import { compare } from './compare.ts';
import { lookedAt } from './looked-at.ts';
import { picture } from './picture.ts';

/** Shows one image at a time in a section of the page. A new image cancels the work on the last one. */
export class OneImage {
  readonly #app: App;
  readonly #section: HTMLElement;
  #ends = new AbortController();
  #url = '';

  constructor(app: App, section: HTMLElement) {
    this.#app = app;
    this.#section = section;
  }

  hide(): void {
    this.#ends.abort();
    URL.revokeObjectURL(this.#url);
    this.#section.hidden = true;
    this.#section.replaceChildren();
  }

  /** Classifies and shows an image. @param known its answer, if there is one already */
  async show(file: File, known?: Classification): Promise<void> {
    this.hide();
    this.#ends = new AbortController();
    const { signal } = this.#ends;
    const image = await readable(file);
    if (signal.aborted) return;
    this.#url = URL.createObjectURL(image);
    const shown = picture(this.#url, image.name);
    const result = h('div', { class: 'result', 'aria-busy': 'true' });
    result.append(h('p', 'muted', 'Classifying …'));
    const more = h('div', 'more');
    this.#section.replaceChildren(
      h('div', 'card one', h('figure', '', shown.element), result, more),
    );
    this.#section.hidden = false;
    this.#section.focus({ preventScroll: true });
    this.#section.scrollIntoView({ block: 'nearest' });
    try {
      const { answer, tripMs } = await this.#answer(image, known, signal);
      if (signal.aborted) return;
      result.replaceChildren(
        h('p', 'muted', answer.labels ? 'Shows' : 'Most likely'),
        h('h2', '', namesIn(answer)),
        bars(answer),
        facts(answer, tripMs),
      );
      more.replaceChildren(...this.#actions({ image, answer, more, signal, shown }));
      const said = shownIn(answer).map(({ label, score }) => `${label}, ${percent(score)}`);
      this.#app.say(`${listed(said, '; ') || namesIn(answer)}.`);
      // For the page /network. Fails for files that only the service decodes.
      void rememberImage(image, this.#app.engine()).catch(() => {});
    } catch (error) {
      if (signal.aborted) return;
      result.replaceChildren(h('p', 'muted', 'There is no answer, for the reason above.'));
      this.#app.fail(error, () => void this.show(file));
    } finally {
      result.removeAttribute('aria-busy');
    }
  }

  async #answer(image: File, known: Classification | undefined, signal: AbortSignal) {
    if (known) return { answer: known, tripMs: undefined };
    const began = performance.now();
    const answer = await this.#app.hebb().classify(image, { tier: this.#app.tier(), signal });
    return { answer, tripMs: performance.now() - began };
  }

  #actions(of: {
    readonly image: File;
    readonly answer: Classification;
    readonly more: HTMLElement;
    readonly signal: AbortSignal;
    readonly shown: ReturnType<typeof picture>;
  }): HTMLElement[] {
    const { image, answer, signal, shown } = of;
    const place = h('div', 'extra');
    const compareButton = button('Compare edge, GPU tier and this browser', () => {
      compareButton.disabled = true;
      const done = () => {
        compareButton.disabled = false;
      };
      void compare(this.#app, image, place, signal).finally(done);
    });
    const looked = lookedAt(this.#app, { image, answer, picture: shown, signal });
    return [h('div', 'row', compareButton), place, looked];
  }
}

/** Most bars of an answer; the heading counts the other labels. */
const MOST_BARS = 50;

/**
 * Predictions as bars with their labels and scores, best first; those that a multi-label model chose are
 * marked.
 */
function bars({ predictions, labels }: Classification): HTMLElement {
  // Chosen labels that are not among the best classes come last.
  const shown = new Map([...predictions, ...(labels ?? [])].map((one) => [one.index, one]));
  const rows = [...shown.values()].slice(0, MOST_BARS).map(({ index, label, score }) => {
    const chosen = labels?.some((one) => one.index === index);
    const fill = h('span', 'fill');
    fill.style.setProperty('width', `${Math.max(score * 100, 0.5)}%`);
    return h(
      'li',
      labels ? (chosen ? 'chosen' : 'other') : '',
      h('span', 'label', chosen ? `✓ ${label}` : label),
      h('span', 'score numbers', percent(score)),
      h('span', { class: 'track', 'aria-hidden': 'true' }, fill),
    );
  });
  return h('ol', 'bars', ...rows);
}

/** Which tier answered, its model and times. @param tripMs from request to answer, if known */
function facts(answer: Classification, tripMs?: number): HTMLElement {
  const { tier, why, model, timing, cached } = answer;
  const who = tier === 'edge' ? 'the edge' : 'the GPU tier';
  const rows: [string, string][] = [
    ['Answered by', `${who}, in ${model.precision} (${cached ? 'from the cache' : why})`],
    ['Model', `${model.name}, version ${shortVersion(model.version)}`],
  ];
  if (cached) rows.push(['Time', 'none, the answer was in the cache']);
  else {
    rows.push(
      ['Decoding', milliseconds(timing.decode_ms)],
      ['Inference', milliseconds(timing.infer_ms)],
    );
  }
  if (tripMs !== undefined) rows.push(['Round trip', milliseconds(tripMs)]);
  const list = rows.map(([name, value]) =>
    h('div', '', h('dt', '', name), h('dd', 'numbers', value)),
  );
  return h('dl', 'facts', ...list);
}
