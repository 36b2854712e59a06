/**
 * The images of a data set as they are found, before any file is read.
 * @module
 */

import type { LeftOut } from './left-out.ts';

export type Side = 'train' | 'val';

export interface FoundImage {
  /** Absolute. */
  readonly path: string;
  /** Name of its class; in multi-label data the first of `classNames`, or empty. */
  readonly className: string;
  /** In multi-label data, the names of all that the image shows, sorted; may be empty. */
  readonly classNames?: readonly string[] | undefined;
  /** The side that the data set gives it; undefined if Hebb makes the split. */
  readonly side?: Side | undefined;
}

export interface FoundImages {
  readonly images: readonly FoundImage[];
  /** Names of classes without images. */
  readonly emptyClasses: readonly string[];
  /** Files that belong to no class, or are not read. */
  readonly leftOut: readonly LeftOut[];
  /** Whether an image may have several labels, or none. */
  readonly multiLabel?: boolean;
}

/** The names of the classes of an image: one, or in multi-label data any number. */
export const classNamesOf = ({
  className,
  classNames,
}: Pick<FoundImage, 'className' | 'classNames'>): readonly string[] => classNames ?? [className];

/** Usual names of the sides. A test set is not used. */
export const SIDES: Readonly<Record<string, Side | 'ignored'>> = {
  train: 'train',
  training: 'train',
  val: 'val',
  valid: 'val',
  validation: 'val',
  test: 'ignored',
  testing: 'ignored',
};
