/**
 * The classified picture, with an occlusion map over it.
 * @module
 */
import type { Preprocessing } from '@hebb/model/preprocess/preprocessing';
import { h } from '../dom.ts';

export interface Picture {
  readonly element: HTMLElement;
  /** Greys the picture, frames the part that the network sees, and covers that with a map. */
  cover(map: HTMLElement, preprocessing: Preprocessing): void;
  uncover(): void;
}

/** @param url the image's object URL, which the caller revokes */
export function picture(url: string, name: string): Picture {
  const image = h('img', { src: url, alt: `The picture: ${name}` });
  const frame = h('div', 'frame', image);
  let seen: HTMLElement | undefined;
  image.addEventListener('error', () =>
    frame.replaceChildren(h('p', 'muted', 'This browser cannot show this file.')),
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
      frame.append(seen); // CSS centres it, like the crop
      frame.classList.add('covered');
    },
    uncover,
  };
}

/** The part of a picture that the centre crop takes, as fractions of its sides. */
export function seenPart(width: number, height: number, { resize, crop }: Preprocessing) {
  const part = crop / resize.size;
  if (resize.rule === 'warp') return { width: part, height: part };
  const side = part * Math.min(width, height);
  return { width: side / width, height: side / height };
}
