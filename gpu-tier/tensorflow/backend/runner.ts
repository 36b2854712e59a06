/**
 * The interface of all backends of the GPU tier.
 * @module
 */

/** Outputs for n images, float32, row-major. */
export interface ModelOutputs {
  /** After softmax, [n, classes]. */
  readonly probabilities: Float32Array;
  /** Before softmax, [n, classes]. */
  readonly logits: Float32Array;
  /** Globally averaged features of inception5b, [n, 1024]. */
  readonly embedding: Float32Array;
}

export interface ModelRunner {
  /**
   * Classifies `n` images at once. Blocks the thread until the result is computed. Throws `invalid_argument` when
   * the length is not that of n images.
   * @param pixels uint8 RGB [n, s, s, 3], 0 to 255
   */
  run(pixels: Uint8Array, n: number): ModelOutputs;
  /** The same for normalised float32 NHWC [n, s, s, 3] (see `normalise`). */
  runNormalised(input: Float32Array, n: number): ModelOutputs;
  /** Frees the model; the runner must not be used afterwards. */
  dispose(): void;
}
