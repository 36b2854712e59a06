/**
 * Activations as pictures: one map per channel, side by side.
 * @module
 */
import type { Activations } from '../engine/index.ts';

/** From 0 to the maximum: five colours of matplotlib's "viridis", which is also readable in grey. */
const COLOURS = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37],
] as const;

/** CSS pixels along a side of a map, by its side in activations; small maps are enlarged. */
const sideOf = (pixels: number): number => {
  if (pixels === 1) return 12;
  return pixels <= 7 ? 28 : pixels <= 14 ? 42 : 56;
};

export interface Channels {
  readonly first: number;
  readonly count: number;
}

/** The maps of some channels on one canvas. */
export interface MapGrid {
  readonly canvas: HTMLCanvasElement;
  /** The channel at a point; undefined behind the last map. @param x 0 to 1 @param y 0 to 1 */
  channelAt(x: number, y: number): number | undefined;
}

/** @param options.available width, CSS pixels @param options.most value of the brightest colour */
export function mapGrid(
  activations: Activations,
  { first, count }: Channels,
  { available, most }: { readonly available: number; readonly most: number },
): MapGrid {
  const { width, height } = activations;
  const side = sideOf(Math.max(width, height));
  const columns = Math.max(1, Math.min(count, Math.floor(available / (side + 1))));
  const rows = Math.ceil(count / columns);
  const gap = width > 28 ? 2 : 1;
  const canvas = document.createElement('canvas');
  canvas.width = columns * (width + gap) - gap;
  canvas.height = rows * (height + gap) - gap;
  canvas.style.setProperty('inline-size', `${Math.min(available, columns * (side + 1))}px`);
  const context = canvas.getContext('2d')!;
  for (let i = 0; i < count; i++) {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    const map = mapPixels(activations, first + i, most);
    context.putImageData(map, column * (width + gap), row * (height + gap));
  }
  return {
    canvas,
    channelAt(x, y) {
      const channel = Math.floor(y * rows) * columns + Math.floor(x * columns);
      return channel < count ? first + channel : undefined;
    },
  };
}

/** One channel's map, enlarged by CSS. */
export function oneMap(activations: Activations, channel: number, most: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = activations.width;
  canvas.height = activations.height;
  canvas.getContext('2d')!.putImageData(mapPixels(activations, channel, most), 0, 0);
  return canvas;
}

function mapPixels(activations: Activations, channel: number, most: number): ImageData {
  const { width, height, channels, data } = activations;
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    const share = Math.min(1, data[i * channels + channel]! / (most || 1));
    // The square root, since most activations are small and would look black.
    image.data.set(colour(Math.sqrt(Math.max(0, share))), 4 * i);
  }
  return image;
}

/** Interpolates linearly between the colours. @param share 0 to 1 */
function colour(share: number): number[] {
  const at = share * (COLOURS.length - 1);
  const low = Math.min(Math.floor(at), COLOURS.length - 2);
  const [from, to] = [COLOURS[low]!, COLOURS[low + 1]!];
  return [...from.map((value, i) => value + (at - low) * (to[i]! - value)), 255];
}
