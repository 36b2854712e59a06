/**
 * What is known after each epoch: a line of log.jsonl, a point of the report's curves.
 * @module
 */
export interface EpochLog {
  /** 1 for the first epoch. */
  readonly epoch: number;
  /** Steps (batches) since the run began. */
  readonly step: number;
  /** Side of the training images in this epoch, pixels. */
  readonly size: number;
  /** Learning rate at the epoch's end. */
  readonly rate: number;
  /** Mean training losses, nats; `loss` is what was minimised, weight decay left out. */
  readonly loss: number;
  readonly mainLoss: number;
  readonly aux1Loss?: number;
  readonly aux2Loss?: number;
  /** Share of training images (as augmented) whose top-1 answer is their class, 0 to 1. */
  readonly trainTop1: number;
  /** On the validation images, with the averaged weights where averaging is on. */
  readonly valLoss?: number;
  readonly valTop1?: number;
  readonly valTop5?: number;
  /** Mean over the classes of the share of their validation images that are found. */
  readonly valRecall?: number;
  readonly imagesPerSecond: number;
  /** Share of the epoch's time in which the backend waited for images, 0 to 1. */
  readonly waiting: number;
  /** Seconds that the epoch took, validation included. */
  readonly seconds: number;
  /** When it ended, ISO 8601. */
  readonly time: string;
}
