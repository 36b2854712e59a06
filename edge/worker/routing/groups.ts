/**
 * Splits a stream of images into groups that are processed together.
 * @module
 */
import type { BatchItem } from '../batch/item.ts';
import { withinMs } from '../concurrency/within-ms.ts';

export interface GroupLimits {
  readonly images: number;
  /** Images of the first group, which is smaller so that its results come early. */
  readonly first: number;
  /** Bytes of a group; a larger image is a group of its own. */
  readonly bytes: number;
  /** Longest wait for the next image of a group, ms. */
  readonly idleMs: number;
}

/** An image whose memory is held until `release` is called. */
export interface Held {
  readonly item: BatchItem;
  release(): void;
}

class Failure {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

const failed = (error: unknown) => new Failure(error);

/**
 * Yields a group when it is full, when the images end, or when the next one does not arrive in time: the
 * sender may be waiting for the memory of this group. When `items` throws, the group that was begun is
 * yielded first, then the error is thrown.
 */
export async function* groups(
  items: AsyncIterable<BatchItem>,
  limits: GroupLimits,
): AsyncGenerator<Held[]> {
  const source = items[Symbol.asyncIterator]();
  let group: Held[] = [];
  let bytes = 0;
  let most = limits.first;
  let next = source.next();
  try {
    for (;;) {
      // Undefined: nothing came in time.
      const got = await (group.length > 0 ? withinMs(next, limits.idleMs) : next).catch(failed);
      if (got instanceof Failure) {
        if (group.length > 0) yield group;
        group = [];
        throw got.error;
      }
      const size = !got || got.done ? 0 : (got.value.image?.length ?? 0);
      const full = group.length >= most || bytes + size > limits.bytes;
      if (group.length > 0 && (!got || got.done || full)) {
        yield group;
        group = [];
        most = limits.images;
        bytes = 0;
        continue; // the item is still in `next`
      }
      if (!got) continue;
      if (got.done) return;
      // Held before the next one is read: only then does the reader count its memory.
      group.push({ item: got.value, release: got.value.hold?.() ?? (() => {}) });
      bytes += size;
      next = source.next();
    }
  } finally {
    for (const { release } of group) release();
    // Not awaited: the pending read may never settle.
    next.catch(() => {});
    source.return?.().catch(() => {});
  }
}
