/**
 * An occlusion map as colours over the picture.
 * @module
 */
import type { OcclusionMap } from '../engine/index.ts';

/** From low to high: five colours of matplotlib's "inferno", which is also readable in grey. */
const COLOURS = [
  [0, 0, 4],
  [87, 16, 110],
  [188, 55, 84],
  [249, 142, 9],
  [252, 255, 164],
] as const;

/** Opacity, 0 to 255, of the lowest and the highest value, so that the picture shows through. */
const OPACITY = [90, 215] as const;

/**
 * The map as an element that covers the network's input. Each value lies at the centre of its patch; the
 * border, where no patch had its centre, repeats the nearest values.
 */
export function heatMap({ drop, size, at, patch, input }: OcclusionMap): HTMLElement {
  const side = size + 2;
  const nearest = (i: number) => Math.min(Math.max(i - 1, 0), size - 1);
  const canvas = paint(
    Float32Array.from(
      { length: side * side },
      (_, i) => drop[nearest(Math.floor(i / side)) * size + nearest(i % side)]!,
    ),
    side,
    side,
  );
  const step = size > 1 ? at[1]! - at[0]! : patch;
  const start = at[0]! + patch / 2 - 1.5 * step;
  for (const edge of ['left', 'top']) {
    canvas.style.setProperty(edge, `${(100 * start) / input.width}%`);
  }
  for (const length of ['width', 'height']) {
    canvas.style.setProperty(length, `${(100 * side * step) / input.width}%`);
  }
  return canvas;
}

/** All colours in a row, for the legend. */
export const colourLine = (): HTMLCanvasElement =>
  paint(
    Float32Array.from({ length: 64 }, (_, i) => i),
    64,
    1,
  );

/** A canvas with one pixel per value, enlarged by CSS. Negative values count as 0. */
function paint(values: Float32Array, width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d')!;
  const pixels = context.createImageData(width, height);
  const most = Math.max(...values, Number.EPSILON);
  for (const [i, value] of values.entries()) {
    const share = Math.max(0, value) / most;
    const opacity = OPACITY[0] + share * (OPACITY[1] - OPACITY[0]);
    pixels.data.set([...colour(share), opacity], 4 * i);
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}

/** Interpolates linearly between the colours. @param share 0 to 1 */
function colour(share: number): number[] {
  const at = share * (COLOURS.length - 1);
  const low = Math.min(Math.floor(at), COLOURS.length - 2);
  return COLOURS[low]!.map((value, i) => value + (at - low) * (COLOURS[low + 1]![i]! - value));
}

/** The place of the largest value in words: "top left", "centre". */
export function placeOf({ drop, size }: Pick<OcclusionMap, 'drop' | 'size'>): string {
  const at = drop.indexOf(Math.max(...drop));
  const third = (position: number) => Math.min(2, Math.floor((3 * (position + 0.5)) / size));
  const row = ['top', '', 'bottom'][third(Math.floor(at / size))]!;
  const column = ['left', '', 'right'][third(at % size)]!;
  return [row, column].filter(Boolean).join(' ') || 'centre';
}
