/** One image, in each of the forms that engines take. */
export interface Input {
  readonly name: string;
  /** uint8 RGB [size, size, 3]. */
  readonly pixels: Uint8Array;
  /** float32 [1, size, size, 3], normalised, in the package's channel order. */
  readonly nhwc: Float32Array;
}
