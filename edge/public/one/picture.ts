/**
 * The picture that is classified, and over it a map of what the network looked at.
 * @module
 */
import type { Preprocessing } from '../../../shared/model/preprocess/preprocessing.ts';
import { h } from '../dom.ts';

export interface Picture {
  readonly element: HTMLElement;
  /** Greys the picture, frames what of it the network sees, and lays a map over that. */
  cover(map: HTMLElement, preprocessing: Preprocessing): void;
  uncover(): void;
}

/** @param url of the image; whoever made it revokes it */
export function picture(url: string, name: string): Picture {
  const image = h('img', { src: url, alt: `The picture: ${name}` });
  const frame = h('div', 'frame', image);
  let seen: HTMLElement | undefined;
  image.addEventListener('error', () =>
    frame.replaceChildren(h('p', 'muted', 'The browser cannot show this file.')),
  );
  const uncover = () => {
    frame.classList.remove('covered');
    seen?.remove();
  };
  return {
    element: frame,
    cover(map, preprocessing) {
      uncover();
      const { width, height } = seenPart(image.naturalWidth, image.naturalHeight, preprocessing);
      seen = h('div', { class: 'seen', 'aria-hidden': 'true' }, map);
      seen.style.setProperty('width', `${width * 100}%`);
      seen.style.setProperty('height', `${height * 100}%`);
      frame.append(seen); // in the middle, as the crop is
      frame.classList.add('covered');
    },
    uncover,
  };
}

/** What of a picture the centre crop takes, as fractions of its sides. */
export function seenPart(width: number, height: number, { resize, crop }: Preprocessing) {
  const part = crop / resize.size;
  if (resize.rule === 'warp') return { width: part, height: part };
  const side = part * Math.min(width, height);
  return { width: side / width, height: side / height };
}
