/**
 * The image that was classified last, for the page of the network: only what the network saw of it, in
 * this tab's sessionStorage, gone when the tab is closed. Never sent anywhere.
 * @module
 */
import type { BrowserEngine } from './engine/index.ts';
import { toImageData, toRgb } from './engine/pixels.ts';

const LAST_IMAGE = 'hebb-last-image';

interface KeptImage {
  /** The file's name; empty where it has none. */
  readonly name: string;
  /** RGB of a square, base64: no picture format, so that not a bit is lost. */
  readonly rgb: string;
}

/** Throws what the engine throws where the image cannot be read, and where storage is switched off. */
export async function rememberImage(image: Blob, engine: BrowserEngine): Promise<void> {
  const rgb = toRgb(await engine.crop(image));
  const kept: KeptImage = { name: image instanceof File ? image.name : '', rgb: toBase64(rgb) };
  sessionStorage.setItem(LAST_IMAGE, JSON.stringify(kept));
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000)); // few arguments at a time
  }
  return btoa(binary);
}

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
