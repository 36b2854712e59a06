/**
 * The image that the page at `/` remembered.
 * @module
 */
import { toImageData } from '../engine/pixels.ts';
import { type KeptImage, LAST_IMAGE } from '../last-image.ts';

export interface LastImage {
  /** The file's name; empty where it has none. */
  readonly name: string;
  /** The network's input. */
  readonly pixels: ImageData;
}

/** Undefined when there is none. */
export function lastImage(): LastImage | undefined {
  try {
    const { name, rgb } = JSON.parse(sessionStorage.getItem(LAST_IMAGE) ?? '') as KeptImage;
    return { name, pixels: toImageData(Uint8Array.from(atob(rgb), (c) => c.charCodeAt(0))) };
  } catch {
    return undefined; // none yet, or storage is switched off
  }
}

export function forgetImage(): void {
  sessionStorage.removeItem(LAST_IMAGE);
}
