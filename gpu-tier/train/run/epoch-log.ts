/**
 * The figures of an epoch: a line of log.jsonl, a point of the report's curves.
 * @module
 */

/** Euclidean norms by row of the network. */
export type Norms = Readonly<Record<string, number>>;

export interface EpochLog {
  /** 1 for the first epoch. */
  readonly epoch: number;
  /** Steps (batches) since the run began. */
  readonly step: number;
  /** The epoch simulated int8: its accuracies are those of the int8 network. */
  readonly int8?: boolean;
  /** Side of the training images in this epoch, pixels. */
  readonly size: number;
  /** Learning rate at the epoch's end. */
  readonly rate: number;
  /** Mean training losses, nats; `loss` is the total without weight decay. */
  readonly loss: number;
  readonly mainLoss: number;
  readonly aux1Loss?: number;
  readonly aux2Loss?: number;
  /**
   * Norm of the gradient of each row's kernels (`conv1`, `conv2`, `inception3a` … `5b`, `linear`), before
   * clipping: mean over the epoch's steps. Frozen rows are missing.
   */
  readonly gradientNorms?: Norms;
  /** The same at the first step of the graph's training; in its first epoch only, and not in the phase for int8. */
  readonly firstGradientNorms?: Norms;
  /** Norm of each row's kernels at the epoch's end. */
  readonly weightNorms?: Norms;
  /** Top-1 accuracy on the augmented training images, 0 to 1; absent with `--multi-label`. */
  readonly trainTop1?: number;
  /** On the validation images, with the averaged weights if averaging is on. */
  readonly valLoss?: number;
  readonly valTop1?: number;
  readonly valTop5?: number;
  /** Mean recall over the classes, 0 to 1. */
  readonly valRecall?: number;
  /** On the training images that choose the epoch (`holdOut`). */
  readonly holdOutLoss?: number;
  /** Top-1 accuracy; with `--balance` mean recall, with `--multi-label` mean average precision. */
  readonly holdOutAccuracy?: number;
  /** Recall of each class in the order of the classes, 0 to 1; null for a class without images. */
  readonly valRecalls?: readonly (number | null)[];
  /** With `--multi-label`: mean average precision over the classes, 0 to 1. */
  readonly valMap?: number;
  /** Average precision of each class, 0 to 1; null for a class that no validation image shows. */
  readonly valPrecisions?: readonly (number | null)[];
  readonly imagesPerSecond: number;
  /** Share of the epoch's time spent waiting for images, 0 to 1. */
  readonly waiting: number;
  /** Duration including validation, seconds. */
  readonly seconds: number;
  /** End of the epoch, ISO 8601. */
  readonly time: string;
}
