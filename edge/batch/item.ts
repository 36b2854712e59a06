import type { HebbError } from '../../shared/model/errors.ts';

/** One image of many, or why there is none. Exactly one of `image` and `error` is there. */
export interface BatchItem {
  /** From 0, in the order in which they came. */
  readonly index: number;
  /** What the caller called it: a file name, a URL. */
  readonly name?: string;
  /** Encoded: JPEG, PNG, WebP, AVIF or GIF. */
  readonly image?: Uint8Array<ArrayBuffer>;
  readonly error?: HebbError;
  /**
   * Memory for the image is set aside until the next item is asked for. Who keeps the image longer
   * says so here first, and calls what comes back when it is done with it; until then that much
   * less is read ahead.
   */
  hold?(): () => void;
}
