/**
 * What the checks of a data set can find.
 * @module
 */

/**
 * What it means for training. error: it would end there. warning: it makes the result worse, or
 * better than it is. note: worth knowing.
 */
export type Severity = 'error' | 'warning' | 'note';

interface Kind {
  readonly severity: Severity;
  /** One line above all findings of the kind. */
  readonly title: string;
  /** What `--fix` does; nothing where absent. */
  readonly fix?: string;
}

/** In the order in which they are reported. */
export const KINDS = {
  /** Empty, cut off, or of no format that is read. */
  unreadable: {
    severity: 'error',
    title: 'files that cannot be decoded',
    fix: 'moves them into quarantine',
  },
  /** The same file in several classes: one of the labels is wrong, and nobody can tell which. */
  contradiction: {
    severity: 'warning',
    title: 'images that are in more than one class',
    fix: 'moves all copies into quarantine',
  },
  /** The same file on both sides of the split: validation would measure memory. */
  leak: {
    severity: 'warning',
    title: 'validation images that are trained on as well',
    fix: 'moves the copies in training into quarantine',
  },
  /** The same file twice in a class. */
  duplicate: {
    severity: 'warning',
    title: 'images that are there more than once',
    fix: 'keeps one and moves the others into quarantine',
  },
  /** Images that training will not see: their format or name is not known, or they are of no class. */
  left_out: { severity: 'warning', title: 'files that are left out' },
  empty_class: { severity: 'warning', title: 'classes without images' },
  tiny_class: { severity: 'warning', title: 'classes with few training images' },
  unvalidated_class: { severity: 'warning', title: 'classes without validation images' },
  unbalanced: { severity: 'note', title: 'classes of very different size' },
  /** A test set, lists and texts. */
  other_files: { severity: 'note', title: 'files that are no images to train on' },
  tiny_image: { severity: 'note', title: 'images that are very small' },
} as const satisfies Record<string, Kind>;

export type FindingKind = keyof typeof KINDS;

export interface Finding {
  readonly kind: FindingKind;
  readonly severity: Severity;
  /** What was found, in one sentence; the files it names are relative to the data set. */
  readonly message: string;
  /** Absolute paths of the files concerned. */
  readonly paths: readonly string[];
  /** Those of them that `fixDataset` moves out of the data set. */
  readonly removes: readonly string[];
}

export const finding = (
  kind: FindingKind,
  message: string,
  paths: readonly string[] = [],
  removes: readonly string[] = [],
): Finding => ({ kind, severity: KINDS[kind].severity, message, paths, removes });
