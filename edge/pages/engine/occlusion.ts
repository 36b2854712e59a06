/**
 * Which parts of an image a score depends on: a patch of the mean colour slides over the input, and the
 * score is computed at each position. Zeiler and Fergus 2014, "Visualizing and Understanding
 * Convolutional Networks", section 4.2.
 * @module
 */
import type { OcclusionMap } from './calls.ts';

/** The patch's side is a seventh of the input's, 32 of 224 pixels. It moves by half its side. */
const PATCHES_ALONG_A_SIDE = 7;

export interface OcclusionOptions {
  /** Side of the input, pixels. */
  readonly size: number;
  /** Red, green, blue, 0 to 255. */
  readonly colour: readonly [number, number, number];
  /** The label's score for uint8 RGB [size, size, 3]. */
  readonly score: (pixels: Uint8Array) => number;
  /** Called after each position; if it throws, the work ends. */
  readonly onProgress?: (done: number, total: number) => Promise<void>;
}

/** The map of one label. @param input uint8 RGB [size, size, 3] */
export async function occlusionMap(
  input: Uint8Array,
  { size, colour, score, onProgress }: OcclusionOptions,
): Promise<Omit<OcclusionMap, 'input'>> {
  const patch = Math.round(size / PATCHES_ALONG_A_SIDE);
  const at = positions(size, patch);
  const fill = colour.map(Math.round);
  const whole = score(input);
  const drop = new Float32Array(at.length ** 2);
  const covered = new Uint8Array(input.length);
  for (let i = 0; i < drop.length; i++) {
    covered.set(input);
    const [left, top] = [at[i % at.length]!, at[Math.floor(i / at.length)]!];
    cover(covered, size, { left, top, side: patch }, fill);
    drop[i] = whole - score(covered);
    await onProgress?.(i + 1, drop.length);
  }
  return { size: at.length, drop, patch, at, score: whole };
}

/** Positions of the patch, at most half a patch apart, from edge to edge. */
function positions(size: number, patch: number): number[] {
  const steps = Math.max(1, Math.ceil((size - patch) / (patch / 2)));
  return Array.from({ length: steps + 1 }, (_, i) => Math.round((i * (size - patch)) / steps));
}

function cover(
  pixels: Uint8Array,
  size: number,
  { left, top, side }: { readonly left: number; readonly top: number; readonly side: number },
  colour: readonly number[],
): void {
  for (let y = top; y < top + side; y++) {
    for (let x = left; x < left + side; x++) pixels.set(colour, (y * size + x) * 3);
  }
}
