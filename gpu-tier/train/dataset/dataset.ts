/**
 * A labelled set of images for training and evaluation.
 * @module
 */

export interface Example {
  /** Absolute path of the image file. */
  readonly path: string;
  /** Index into the data set's classes; in multi-label data the first of `labels`, or −1. */
  readonly label: number;
  /** In multi-label data, the indices of all classes that the image shows, ascending; may be empty. */
  readonly labels?: readonly number[];
}

/** An example with the hash of its content. */
export interface HashedExample extends Example {
  /** sha256 of the file's bytes, lower-case hex. */
  readonly sha256: string;
}

export interface Dataset {
  /** Names of the classes, sorted, in the order of the network's outputs. */
  readonly classes: readonly string[];
  readonly train: readonly HashedExample[];
  readonly val: readonly HashedExample[];
  /** Whether an image may have several labels, or none; then every example has `labels`. */
  readonly multiLabel?: boolean;
  /** sha256, hex, over classes, split and the bytes of every image: identifies the data. */
  readonly fingerprint: string;
}
