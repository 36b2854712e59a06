import { HebbError } from '@hebb/model/errors';
import type { UnpackedBytes } from '../body/inflate.ts';
import type { Slices } from '../concurrency/slices.ts';
import { LIMITS } from '../limits.ts';
import type { ByteSource } from './byte-source.ts';
import type { BatchItem } from './item.ts';

/** An image of a batch, without its index. */
export type Entry = Pick<BatchItem, 'name' | 'image' | 'error'>;

/** What the readers of the formats share. */
export interface ReadContext {
  readonly source: ByteSource;
  /** To be called for each record before it is read. */
  readonly counted: Entries;
  readonly unpacked: UnpackedBytes;
  /** Most bytes of an image. */
  readonly most: number;
}

/**
 * Counts the records of a batch: folders, pax headers, blank lines and skipped parts cost time as well
 * as images do.
 */
export class Entries {
  readonly #most: number;
  readonly #slices: Slices;
  #count = 0;

  constructor(most: number, slices: Slices) {
    this.#most = most;
    this.#slices = slices;
  }

  /** Counts one. Throws `batch_too_large`. */
  async count(): Promise<void> {
    if (++this.#count > this.#most) {
      throw new HebbError(
        'batch_too_large',
        `A batch may have ${this.#most} entries; folders, blank lines and skipped files count too.`,
        { hint: 'Send only the images, or several batches.' },
      );
    }
    const turn = this.#slices.spend(LIMITS.slice.entryBytes);
    if (turn) await turn;
  }
}

export const tooLarge = (most: number): HebbError =>
  new HebbError(
    'body_too_large',
    `An image of a batch may have ${(most / 1e6).toFixed(1)} MB; this one is larger.`,
    { hint: 'Send it alone to /v1/classify.' },
  );

/** Metadata files that some systems add to archives. */
export const isClutter = (name: string): boolean =>
  /(^|\/)(\._[^/]*|\.DS_Store|Thumbs\.db)$/.test(name) || name.startsWith('__MACOSX/');

export const named = (name: string | undefined): { name?: string } =>
  name === undefined || name === '' ? {} : { name };
