/**
 * The last image on the page `/network`, and the engine that computes its activations.
 * @module
 */
import { button, h } from '../dom.ts';
import { type Activations, type BrowserEngine, openBrowserEngine } from '../engine/index.ts';
import { keptKey } from '../key.ts';
import { forgetImage, type LastImage, lastImage, rememberImage } from '../last-image.ts';

/** A drawn flower from the service's assets. */
const SAMPLE = '/assets/samples/sunflower.jpg';

export class Last {
  readonly #changed: () => void;
  #engine: BrowserEngine | undefined;
  #image: LastImage | undefined = lastImage();
  /** Settles when the engine has classified the image. */
  #classified: Promise<unknown> | undefined;

  /** @param changed called when the image was replaced or removed */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get image(): LastImage | undefined {
    return this.#image;
  }

  /** Names of the classes, by index. */
  async labels(): Promise<readonly string[]> {
    return (await this.#open().info()).labels;
  }

  /** The layer's outputs for the image, computed in this browser. */
  async activations(layer: string): Promise<Activations> {
    const engine = this.#open();
    this.#classified ??= engine.classify(this.#image!.pixels, { top: 1 });
    try {
      await this.#classified;
    } catch (error) {
      this.#classified = undefined; // so the next call tries again
      throw error;
    }
    return await engine.activations(layer);
  }

  /** The image with a button to forget it; without an image, ways to get one. */
  element(fail: (error: unknown) => void): HTMLElement {
    if (!this.#image) {
      const sample = button('Use a drawn sunflower', () => this.#sample().catch(fail));
      const classify = h('a', { href: '/' }, 'Classify an image');
      return h(
        'p',
        { class: 'muted' },
        classify,
        ' and come back to see its activations here. ',
        sample,
      );
    }
    const { name, pixels } = this.#image;
    const canvas = h('canvas', { width: pixels.width, height: pixels.height, role: 'img' });
    canvas.setAttribute('aria-label', 'The image as the network sees it');
    canvas.getContext('2d')!.putImageData(pixels, 0, 0);
    const clear = button('Forget this image', () => {
      forgetImage();
      this.#take(undefined);
    });
    return h(
      'div',
      { class: 'last-image' },
      canvas,
      h('div', {}, h('strong', {}, name || 'Your last image'), h('br'), clear),
    );
  }

  async #sample(): Promise<void> {
    const blob = await (await fetch(SAMPLE)).blob();
    await rememberImage(new File([blob], 'sunflower.jpg'), this.#open());
    this.#take(lastImage());
  }

  #take(image: LastImage | undefined): void {
    this.#image = image;
    this.#classified = undefined;
    this.#changed();
  }

  #open(): BrowserEngine {
    this.#engine ??= openBrowserEngine({ key: keptKey() });
    return this.#engine;
  }
}
