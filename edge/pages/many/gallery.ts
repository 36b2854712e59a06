/**
 * Many images as thumbnails, each with its best class as soon as it is known.
 * @module
 */
import type { Line } from '@hebb/protocol/api/classification';
import { h } from '../dom.ts';
import { listed, namesIn, percent, shownIn } from '../format.ts';

/** Pixels of a thumbnail's side; shown at half of that. */
const SIDE = 192;

interface Tile {
  readonly element: HTMLElement;
  readonly picture: HTMLElement;
  readonly said: HTMLElement;
}

export class Gallery {
  readonly element = h('ul', 'gallery');
  readonly #tiles: Tile[] = [];
  readonly #open: ((index: number) => void) | undefined;

  /** @param open shows one image by itself; left out if the page does not have the files */
  constructor(open?: (index: number) => void) {
    this.#open = open;
  }

  /** Adds a tile for an image that has no answer yet. */
  add(name: string): void {
    const index = this.#tiles.length;
    const picture = h('span', { class: 'thumbnail', 'aria-hidden': 'true' });
    const said = h('span', 'said muted', 'waiting');
    const parts = [picture, h('span', 'name', name), said];
    const inside = this.#open ? h('button', { type: 'button' }, ...parts) : h('div', '', ...parts);
    inside.addEventListener('click', () => this.#open?.(index));
    const element = h('li', '', inside);
    this.#tiles.push({ element, picture, said });
    this.element.append(element);
  }

  /** Marks the images without an answer, when no more answers will come. */
  end(): void {
    for (const { said } of this.#tiles) {
      if (said.classList.contains('muted')) said.textContent = 'no answer';
    }
  }

  picture(index: number, picture: HTMLCanvasElement): void {
    this.#tiles[index]?.picture.replaceChildren(picture);
  }

  line(line: Line): void {
    while (this.#tiles.length <= line.index) this.add(line.name ?? `image ${line.index + 1}`);
    const { said, element } = this.#tiles[line.index]!;
    element.classList.toggle('failed', 'error' in line);
    if ('error' in line) {
      said.replaceChildren(h('strong', '', line.error.message), ` ${line.error.hint}`);
    } else {
      const scores = shownIn(line).map(({ score }) => percent(score));
      const names = h('strong', '', namesIn(line));
      said.replaceChildren(names, ' ', h('span', 'score', listed(scores)));
    }
    said.classList.remove('muted');
  }
}

/**
 * Draws each file's centre square, one after the other, so that not all photos are in memory decoded.
 * Files that the browser cannot decode are skipped.
 */
export async function thumbnails(
  files: readonly File[],
  made: (index: number, picture: HTMLCanvasElement) => void,
  signal: AbortSignal,
): Promise<void> {
  for (const [index, file] of files.entries()) {
    if (signal.aborted) return;
    try {
      made(index, await thumbnail(file));
    } catch {
      // the answer's line says what is wrong with the file
    }
  }
}

async function thumbnail(file: File): Promise<HTMLCanvasElement> {
  const image = await createImageBitmap(file);
  const side = Math.min(image.width, image.height);
  const [x, y] = [(image.width - side) / 2, (image.height - side) / 2];
  const canvas = document.createElement('canvas');
  canvas.width = SIDE;
  canvas.height = SIDE;
  const context = canvas.getContext('2d')!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, x, y, side, side, 0, 0, SIDE, SIDE);
  image.close();
  return canvas;
}
