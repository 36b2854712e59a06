/**
 * The panel with the details of the chosen box: beside the drawing, or over the bottom of it on a phone.
 * @module
 */
import type { Box } from '@hebb/model/network/drawing';
import type { Network } from '@hebb/model/network/googlenet';
import { button, h } from '../dom.ts';
import { problemNote, wantsKey } from '../problem.ts';
import { showActivations } from './activations.ts';
import { type Drawn, facts, moduleFacts } from './details.ts';
import type { Last } from './last.ts';

export interface PanelOptions {
  readonly element: HTMLElement;
  readonly last: Last;
  /** Announces a text to screen readers. */
  readonly say: (text: string) => void;
  /** Called when the panel was closed. */
  readonly closed: () => void;
  /** Whether the panel is beside the drawing, not over it. */
  readonly roomy: () => boolean;
}

export interface Subject extends Drawn {
  readonly network: Network;
  /** Whether the service has weights for the drawn network. */
  readonly served: boolean;
}

export class Panel {
  readonly #options: PanelOptions;
  /** Counts choices, so that only the latest one shows its activations. */
  #turn = 0;

  constructor(options: PanelOptions) {
    this.#options = options;
    options.element.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape' && !options.roomy()) this.#close();
    });
  }

  hide(): void {
    this.#turn++;
    this.#options.element.hidden = true;
    this.#options.element.replaceChildren();
  }

  async show(box: Box, subject: Subject): Promise<void> {
    const { element, last, say, roomy } = this.#options;
    const turn = ++this.#turn;
    const place = h('div', { class: 'activations' });
    const close = button('Close', () => this.#close(), { class: 'button small close' });
    element.hidden = false;
    element.replaceChildren(
      h('div', { class: 'details-head' }, h('h2', {}, box.name), close),
      ...facts(box, subject),
      ...(box.kind === 'module' ? [moduleFacts(box, subject, roomy())] : []),
      h('h3', {}, 'Activations for your last image'),
      place,
    );
    element.scrollTop = 0;
    say(`${box.name} is shown after the drawing.`);
    const why = withoutActivations(box, subject);
    if (why) {
      place.replaceChildren(h('p', { class: 'muted' }, why));
      return;
    }
    const image = last.element((error) => place.append(...problem(error)));
    place.replaceChildren(image);
    if (!last.image) return;
    const waiting = h('p', { class: 'muted' }, 'Computing in this browser …');
    place.append(waiting);
    place.setAttribute('aria-busy', 'true');
    try {
      const layer = box.kind === 'dropout' ? 'pool5' : box.name; // the same activations
      const [activations, labels] = [await last.activations(layer), await last.labels()];
      if (turn !== this.#turn) return;
      const available = place.clientWidth;
      waiting.replaceWith(showActivations(activations, { ...subject, labels, available }));
      say(`The activations of ${box.name} are shown.`);
    } catch (error) {
      const retry = () => void this.show(box, subject);
      if (turn === this.#turn) waiting.replaceWith(...problem(error, retry));
    } finally {
      place.removeAttribute('aria-busy');
    }
  }

  #close(): void {
    this.hide();
    this.#options.closed();
  }
}

/** The error's note. A key is entered on the page at `/` and is valid here too. */
function problem(error: unknown, retry?: () => void): HTMLElement[] {
  if (!wantsKey(error)) return [problemNote(error, retry)];
  const link = h('a', { href: '/' }, 'Enter the key on the page Classify');
  return [problemNote(error), h('p', {}, link, ', then come back. It is kept in this tab only.')];
}

/** Why a box has no activations; undefined if it has. */
function withoutActivations({ section }: Box, { served, network }: Subject): string | undefined {
  if (network.spec.variant === 'naive') {
    return 'The naive network is drawn to show its cost. It was never trained.';
  }
  if (!served) return 'This is not the served network, so there are no weights for it.';
  if (section.startsWith('aux')) return 'Auxiliary heads are left out when an image is classified.';
  return undefined;
}
