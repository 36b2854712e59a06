/**
 * The preprocessing of pixels for the network; part of every model package.
 * @module
 */

/** Resize to `size` × `size` ignoring the aspect ratio, or until the shorter side is `size`. */
export type ResizeRule = 'warp' | 'shorter-side';

export interface Preprocessing {
  /** The order of the colours in the first convolution. */
  readonly channelOrder: 'rgb' | 'bgr';
  /** Subtracted from each pixel value (0..255), in the order red, green, blue. */
  readonly mean: readonly [number, number, number];
  /** Multiplied after the subtraction, in the order red, green, blue. */
  readonly scale: readonly [number, number, number];
  readonly resize: { readonly rule: ResizeRule; readonly size: number };
  /** Side of the centre crop; equals the network's input size. */
  readonly crop: number;
}

/** 8-bit RGB pixels, interleaved, row-major. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  /** width × height × 3 bytes. */
  readonly data: Uint8Array;
}
