/**
 * Component planes to RGB.
 * @module
 */
import type { JpegColour } from './header.ts';

/** Samples of one component, row-major. Subsampled ones have fewer columns or rows. */
export interface Plane {
  readonly columns: number;
  readonly rows: number;
  readonly samples: Uint8ClampedArray;
}

/** One plane (grey) or three, to uint8 RGB [height, width, 3]. */
export function planesToRgb(
  planes: readonly Plane[],
  colour: JpegColour,
  width: number,
  height: number,
): Uint8Array<ArrayBuffer> {
  const [first, second = first, third = first] = planes.map((plane) =>
    enlarge(plane, width, height),
  ) as [Uint8ClampedArray, Uint8ClampedArray?, Uint8ClampedArray?];
  const rgb = new Uint8ClampedArray(width * height * 3);
  const toRgb = colour === 'ycc' ? yccToRgb : interleave;
  toRgb(first, second, third, rgb);
  return new Uint8Array(rgb.buffer);
}

function interleave(
  red: Uint8ClampedArray,
  green: Uint8ClampedArray,
  blue: Uint8ClampedArray,
  rgb: Uint8ClampedArray,
): void {
  for (let i = 0, to = 0; i < red.length; i++, to += 3) {
    rgb[to] = red[i]!;
    rgb[to + 1] = green[i]!;
    rgb[to + 2] = blue[i]!;
  }
}

/** ITU-T T.871 (JFIF), section 7, in 16-bit fixed point as in libjpeg. */
function yccToRgb(
  luma: Uint8ClampedArray,
  blueness: Uint8ClampedArray,
  redness: Uint8ClampedArray,
  rgb: Uint8ClampedArray,
): void {
  const half = 1 << 15;
  for (let i = 0, to = 0; i < luma.length; i++, to += 3) {
    const y = luma[i]!;
    const cb = blueness[i]! - 128;
    const cr = redness[i]! - 128;
    rgb[to] = y + ((91_881 * cr + half) >> 16); // 1.402
    rgb[to + 1] = y + ((-22_554 * cb - 46_802 * cr + half) >> 16); // 0.344136, 0.714136
    rgb[to + 2] = y + ((116_130 * cb + half) >> 16); // 1.772
  }
}

/**
 * A subsampled plane at full size. Samples lie at the centre of the pixels that they stand for
 * (T.871, section 9), and what is between them is interpolated.
 */
function enlarge({ columns, rows, samples }: Plane, width: number, height: number) {
  if (columns === width && rows === height) return samples;
  const across = between(columns, width);
  const down = between(rows, height);
  const output = new Uint8ClampedArray(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    const above = down.index[y]! * columns;
    const below = Math.min(down.index[y]! + 1, rows - 1) * columns;
    const sink = down.share[y]!;
    for (let x = 0; x < width; x++, to++) {
      const left = across.index[x]!;
      const right = Math.min(left + 1, columns - 1);
      const slide = across.share[x]!;
      const upper = samples[above + left]! * (1 - slide) + samples[above + right]! * slide;
      const lower = samples[below + left]! * (1 - slide) + samples[below + right]! * slide;
      output[to] = upper * (1 - sink) + lower * sink;
    }
  }
  return output;
}

/** For each output position: the sample before it, and how far it is towards the next (0..1). */
function between(samples: number, outputs: number) {
  const factor = Math.round(outputs / samples) || 1;
  const index = new Int32Array(outputs);
  const share = new Float32Array(outputs);
  for (let i = 0; i < outputs; i++) {
    const position = Math.min(Math.max((i + 0.5) / factor - 0.5, 0), samples - 1);
    index[i] = Math.floor(position);
    share[i] = position - index[i]!;
  }
  return { index, share };
}
