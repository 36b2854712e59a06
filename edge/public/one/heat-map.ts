/**
 * A map of what the network looked at, as colours to lay over the picture.
 * @module
 */
import type { OcclusionMap } from '../engine/index.ts';

/** From little to much: the corner stones of matplotlib's "inferno", which also reads in grey. */
const COLOURS = [
  [0, 0, 4],
  [87, 16, 110],
  [188, 55, 84],
  [249, 142, 9],
  [252, 255, 164],
] as const;

/** Opacity of the least and of the most, so that the picture shows through. */
const OPACITY = [90, 215] as const;

/**
 * The map as an element that covers the network's input, each value where the middle of its patch was;
 * around them, where no patch had its middle, the nearest ones once more.
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

/** The colours from none to the most, in a line. */
export const colourLine = (): HTMLCanvasElement =>
  paint(
    Float32Array.from({ length: 64 }, (_, i) => i),
    64,
    1,
  );

/** A canvas of a pixel for each value, which CSS makes larger; what is below 0 counts as 0. */
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

/** Between the corner stones, linear. @param share 0 to 1 */
function colour(share: number): number[] {
  const at = share * (COLOURS.length - 1);
  const low = Math.min(Math.floor(at), COLOURS.length - 2);
  return COLOURS[low]!.map((value, i) => value + (at - low) * (COLOURS[low + 1]![i]! - value));
}

/** Where the largest value lies, in words: "top left", "centre". */
export function placeOf({ drop, size }: Pick<OcclusionMap, 'drop' | 'size'>): string {
  const at = drop.indexOf(Math.max(...drop));
  const third = (position: number) => Math.min(2, Math.floor((3 * (position + 0.5)) / size));
  const row = ['top', '', 'bottom'][third(Math.floor(at / size))]!;
  const column = ['left', '', 'right'][third(at % size)]!;
  return [row, column].filter(Boolean).join(' ') || 'centre';
}
