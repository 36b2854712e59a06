/**
 * What every backend of the GPU tier offers, whatever it computes with.
 * @module
 */

/** Per output float32 [n · size], row-major. */
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
   * Runs `n` images at once: `pixels` is uint8 RGB [n, s, s, 3], raw 0..255. Blocks the thread
   * until the answer is there. Throws `invalid_argument` when the length is not that of n images.
   */
  run(pixels: Uint8Array, n: number): ModelOutputs;
  /** The same from float32 NHWC [n, s, s, 3] that is normalised already (see `normalise`). */
  runNormalised(input: Float32Array, n: number): ModelOutputs;
  /** Frees the model; the runner is of no use afterwards. */
  dispose(): void;
}
