/**
 * The images of a data set before anyone has looked into the files.
 * @module
 */

import type { LeftOut } from './left-out.ts';

export type Side = 'train' | 'val';

export interface FoundImage {
  /** Absolute. */
  readonly path: string;
  /** Name of its class. */
  readonly className: string;
  /** The side that the data set puts it on; undefined where we split. */
  readonly side?: Side | undefined;
}

export interface FoundImages {
  readonly images: readonly FoundImage[];
  /** Folders of classes in which there is no image. */
  readonly emptyClasses: readonly string[];
  /** Files that are part of none of the classes, or cannot be read. */
  readonly leftOut: readonly LeftOut[];
}

/** What people call the two sides. A test set is for neither: it is left alone. */
export const SIDES: Readonly<Record<string, Side | 'ignored'>> = {
  train: 'train',
  training: 'train',
  val: 'val',
  valid: 'val',
  validation: 'val',
  test: 'ignored',
  testing: 'ignored',
};
