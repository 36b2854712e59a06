/**
 * A labelled set of images, as training and evaluation read it.
 * @module
 */

export interface Example {
  /** Absolute path of the image file. */
  readonly path: string;
  /** Index into the data set's classes. */
  readonly label: number;
}

/** An example of a data set that was read: its content is known. */
export interface HashedExample extends Example {
  /** Of the file's bytes, lower-case hex. */
  readonly sha256: string;
}

export interface Dataset {
  /** Names of the classes, sorted; their order is that of the network's outputs. */
  readonly classes: readonly string[];
  readonly train: readonly HashedExample[];
  readonly val: readonly HashedExample[];
  /** sha256, hex, over classes, split and the bytes of every image: the same data, the same value. */
  readonly fingerprint: string;
}
