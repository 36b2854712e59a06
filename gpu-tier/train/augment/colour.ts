/**
 * Photometric distortion (Howard 2013): brightness, contrast, saturation and hue of a training image.
 *
 * Each of the four is linear in RGB: brightness scales, contrast blends with the image's mean grey,
 * saturation blends with each pixel's own grey, hue rotates colours around the grey axis. So one 3×3
 * matrix and one offset per image do all four. Saturation and hue keep greys, so the order does not
 * matter. Values are rounded and clamped only once, at the end.
 * @module
 */
import type { AugmentOptions } from './batch.ts';

export interface ColourChange {
  /** Factors; 1 changes nothing. */
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  /** Degrees of the colour circle; 0 changes nothing. */
  readonly hue: number;
}

export type ColourOptions = Pick<AugmentOptions, 'brightness' | 'contrast' | 'saturation' | 'hue'>;

/** Weights of red, green and blue in Rec. 601's luma. */
export const LUMA = [0.299, 0.587, 0.114] as const;

/** RGB to YIQ (NTSC 1953): luma, and the two axes of the plane in which hue rotates. */
export const YIQ = [
  [0.299, 0.587, 0.114],
  [0.595716, -0.274453, -0.321263],
  [0.211456, -0.522591, 0.311135],
] as const;

/** The inverse of YIQ. */
export const RGB_OF_YIQ = [
  [1, 0.9562957198, 0.6210244164],
  [1, -0.2721220993, -0.6473805968],
  [1, -1.1069890168, 1.7046149984],
] as const;

/** Always draws four numbers, so that turning one change off does not shift the others. */
export function drawColour(options: ColourOptions, random: () => number): ColourChange {
  const symmetric = (range: number) => range * (2 * random() - 1);
  return {
    brightness: 1 + symmetric(options.brightness),
    contrast: 1 + symmetric(options.contrast),
    saturation: 1 + symmetric(options.saturation),
    hue: symmetric(options.hue),
  };
}

export const changesColour = ({ brightness, contrast, saturation, hue }: ColourOptions): boolean =>
  brightness > 0 || contrast > 0 || saturation > 0 || hue > 0;

/** Changes `pixels`, uint8 RGB, in place. */
export function changeColour(pixels: Uint8Array, change: ColourChange): void {
  const [[rr, rg, rb], [gr, gg, gb], [br, bg, bb]] = colourMatrix(change);
  const { brightness, contrast } = change;
  const offset = contrast === 1 ? 0 : (1 - contrast) * brightness * meanGrey(pixels);
  const clamped = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, pixels.length);
  for (let i = 0; i < pixels.length; i += 3) {
    const red = pixels[i]!;
    const green = pixels[i + 1]!;
    const blue = pixels[i + 2]!;
    clamped[i] = rr * red + rg * green + rb * blue + offset;
    clamped[i + 1] = gr * red + gg * green + gb * blue + offset;
    clamped[i + 2] = br * red + bg * green + bb * blue + offset;
  }
}

type Row = readonly [number, number, number];
type Matrix = readonly [Row, Row, Row];

/** The matrix of all four changes; contrast also has an offset. Rows sum to brightness · contrast. */
function colourMatrix({ brightness, contrast, saturation, hue }: ColourChange): Matrix {
  const angle = (hue * Math.PI) / 180;
  const [i, q] = [saturation * Math.cos(angle), saturation * Math.sin(angle)];
  const gain = brightness * contrast;
  const row = (rgb: Row): Row => {
    // In YIQ: luma stays, (I, Q) is rotated and scaled.
    const toI = rgb[1] * i + rgb[2] * q;
    const toQ = rgb[2] * i - rgb[1] * q;
    const entry = (c: 0 | 1 | 2) => gain * (YIQ[0][c] + toI * YIQ[1][c] + toQ * YIQ[2][c]);
    return [entry(0), entry(1), entry(2)];
  };
  return [row(RGB_OF_YIQ[0]), row(RGB_OF_YIQ[1]), row(RGB_OF_YIQ[2])];
}

function meanGrey(pixels: Uint8Array): number {
  let [red, green, blue] = [0, 0, 0];
  for (let i = 0; i < pixels.length; i += 3) {
    red += pixels[i]!;
    green += pixels[i + 1]!;
    blue += pixels[i + 2]!;
  }
  return (LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue) / (pixels.length / 3);
}
