import type { HebbError } from '@hebb/model/errors';

/** One image of a batch, or the error in its place: exactly one of `image` and `error` is set. */
export interface BatchItem {
  /** From 0, in order of arrival. */
  readonly index: number;
  /** The caller's name of it: a file name or a URL. */
  readonly name?: string;
  /** Encoded: JPEG, PNG, WebP, AVIF or GIF. */
  readonly image?: Uint8Array<ArrayBuffer>;
  readonly error?: HebbError;
  /**
   * The image's memory is reserved until the next item is read. To keep the image longer, call `hold`
   * before, and the function that it returns when done; meanwhile less is read ahead.
   */
  hold?(): () => void;
}
