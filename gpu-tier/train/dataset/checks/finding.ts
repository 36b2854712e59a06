/**
 * Kinds of findings in a data set.
 * @module
 */

/**
 * error: training would fail. warning: the model gets worse, or its figures look better than it is.
 * note: for information.
 */
export type Severity = 'error' | 'warning' | 'note';

interface Kind {
  readonly severity: Severity;
  /** Heading of the findings of this kind. */
  readonly title: string;
  /** What `--fix` does; absent if nothing. */
  readonly fix?: string;
}

/** In the order of the report. */
export const KINDS = {
  /** Empty, truncated, or of an unsupported format. */
  unreadable: {
    severity: 'error',
    title: 'files that cannot be decoded',
    fix: 'moves them into quarantine',
  },
  /** The same file in several classes: at least one label is wrong, and the file does not show which. */
  contradiction: {
    severity: 'warning',
    title: 'images that are in more than one class',
    fix: 'moves all copies into quarantine',
  },
  /** The same file on both sides of the split: validation would measure memorisation. */
  leak: {
    severity: 'warning',
    title: 'validation images that are also trained on',
    fix: 'moves the copies in training into quarantine',
  },
  /** The same file twice in a class. */
  duplicate: {
    severity: 'warning',
    title: 'duplicate images',
    fix: 'keeps one and moves the others into quarantine',
  },
  /** Images that training will not use: unknown format or name, or no class. */
  left_out: { severity: 'warning', title: 'files that are left out' },
  empty_class: { severity: 'warning', title: 'classes without images' },
  tiny_class: { severity: 'warning', title: 'classes with few training images' },
  unvalidated_class: { severity: 'warning', title: 'classes without validation images' },
  /** In multi-label data: examples of images that show none of the classes. */
  unlabelled: { severity: 'note', title: 'images without a label' },
  unbalanced: { severity: 'note', title: 'classes of very different size' },
  /** A test set, lists and texts. */
  other_files: { severity: 'note', title: 'files that are not training images' },
  tiny_image: { severity: 'note', title: 'images that are very small' },
} as const satisfies Record<string, Kind>;

export type FindingKind = keyof typeof KINDS;

export interface Finding {
  readonly kind: FindingKind;
  readonly severity: Severity;
  /** One sentence; file names are relative to the data set. */
  readonly message: string;
  /** Absolute paths of the files. */
  readonly paths: readonly string[];
  /** Files of `paths` that `fixDataset` moves out of the data set. */
  readonly removes: readonly string[];
}

export const finding = (
  kind: FindingKind,
  message: string,
  paths: readonly string[] = [],
  removes: readonly string[] = [],
): Finding => ({ kind, severity: KINDS[kind].severity, message, paths, removes });
