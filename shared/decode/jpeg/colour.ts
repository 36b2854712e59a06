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

/** Returns a zeroed buffer of this length. */
export type Buffers = (bytes: number) => Uint8Array<ArrayBuffer>;

/** A view of the same bytes that clamps written values to 0..255. */
export const clamped = ({ buffer, byteOffset, length }: Uint8Array<ArrayBuffer>) =>
  new Uint8ClampedArray(buffer, byteOffset, length);

/** One plane (grey) or three, to uint8 RGB [height, width, 3]. */
export function planesToRgb(
  planes: readonly Plane[],
  colour: JpegColour,
  width: number,
  height: number,
  buffers: Buffers,
): Uint8Array<ArrayBuffer> {
  const [first, second = first, third = first] = planes.map((plane) =>
    isSubsampled(plane, width, height) ? enlarge(plane, width, height, buffers) : plane.samples,
  ) as [Uint8ClampedArray, Uint8ClampedArray?, Uint8ClampedArray?];
  const rgb = buffers(width * height * 3);
  const toRgb = colour === 'ycc' ? yccToRgb : interleave;
  toRgb(first, second, third, clamped(rgb));
  return rgb;
}

/** Whether a plane has fewer samples than the picture has pixels. */
export const isSubsampled = (
  { columns, rows }: Pick<Plane, 'columns' | 'rows'>,
  width: number,
  height: number,
): boolean => columns !== width || rows !== height;

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
 * A subsampled plane at full size. Each sample is the average of the pixels that it covers (T.871,
 * section 9, places it at their centre). The parabola with the same averages as the nearest three samples is
 * averaged over each output pixel.
 */
function enlarge(
  { columns, rows, samples }: Plane,
  width: number,
  height: number,
  buffers: Buffers,
) {
  const across = parts(columns, width);
  const down = parts(rows, height);
  const output = clamped(buffers(width * height));
  const row = new Float32Array(columns);
  for (let y = 0, to = 0; y < height; y++) {
    blend(samples, columns, down[y]!, row);
    for (let x = 0; x < width; x++, to++) {
      const { before, at, after, weights } = across[x]!;
      output[to] = row[before]! * weights[0] + row[at]! * weights[1] + row[after]! * weights[2];
    }
  }
  return output;
}

/** One output row of a plane, not yet enlarged along its length. */
function blend(samples: Uint8ClampedArray, columns: number, part: Part, row: Float32Array): void {
  const [before, at, after] = [part.before, part.at, part.after].map((y) => y * columns);
  const [w0, w1, w2] = part.weights;
  for (let x = 0; x < columns; x++) {
    row[x] = samples[before! + x]! * w0 + samples[at! + x]! * w1 + samples[after! + x]! * w2;
  }
}

/** The sample that contains an output, its neighbours (itself, at the edge), and their weights. */
interface Part {
  readonly before: number;
  readonly at: number;
  readonly after: number;
  readonly weights: readonly [number, number, number];
}

function parts(samples: number, outputs: number): readonly Part[] {
  const factor = Math.round(outputs / samples) || 1;
  return Array.from({ length: outputs }, (_, i): Part => {
    const at = Math.min(Math.floor(i / factor), samples - 1);
    // In samples: how far the part's centre is from the sample's.
    const d = ((i % factor) + 0.5) / factor - 0.5;
    const curve = (d ** 2 + (1 / factor ** 2 - 1) / 12) / 2;
    const weights = [curve - d / 2, 1 - 2 * curve, curve + d / 2] as const;
    return { before: Math.max(at - 1, 0), at, after: Math.min(at + 1, samples - 1), weights };
  });
}
