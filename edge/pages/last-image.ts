/**
 * The image that was classified last, for the page `/network`. Only the network's input is kept, in this
 * tab's sessionStorage until the tab is closed, and it is never sent anywhere.
 * @module
 */
import type { BrowserEngine } from './engine/index.ts';
import { toImageData, toRgb } from './engine/pixels.ts';

const LAST_IMAGE = 'hebb-last-image';

interface KeptImage {
  /** The file's name, or empty. */
  readonly name: string;
  /** Base64 of the RGB bytes of a square: not an image format, so it is lossless. */
  readonly rgb: string;
}

/**
 * Keeps the network's input for an image.
 * @throws the engine's error if it cannot read the image; a DOMException if storage is disabled
 */
export async function rememberImage(image: Blob, engine: BrowserEngine): Promise<void> {
  const rgb = toRgb(await engine.crop(image));
  const kept: KeptImage = { name: image instanceof File ? image.name : '', rgb: toBase64(rgb) };
  sessionStorage.setItem(LAST_IMAGE, JSON.stringify(kept));
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000)); // the number of arguments of a call is limited
  }
  return btoa(binary);
}

export interface LastImage {
  /** The file's name, or empty. */
  readonly name: string;
  /** The network's input. */
  readonly pixels: ImageData;
}

/** The kept image; undefined if there is none. */
export function lastImage(): LastImage | undefined {
  try {
    const { name, rgb } = JSON.parse(sessionStorage.getItem(LAST_IMAGE) ?? '') as KeptImage;
    return { name, pixels: toImageData(Uint8Array.from(atob(rgb), (c) => c.charCodeAt(0))) };
  } catch {
    return undefined; // there is none yet, or storage is disabled
  }
}

export function forgetImage(): void {
  sessionStorage.removeItem(LAST_IMAGE);
}
