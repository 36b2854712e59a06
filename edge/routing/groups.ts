/**
 * Images, as they come, in groups that are worked on together.
 * @module
 */
import type { BatchItem } from '../batch/item.ts';

export interface GroupLimits {
  readonly images: number;
  /** Of the first group, which is smaller so that its results come early. */
  readonly first: number;
  /** A larger image is a group by itself. */
  readonly bytes: number;
  /** How long a group waits for the next image, ms. */
  readonly idleMs: number;
}

/** An image whose memory is held until it is released. */
export interface Held {
  readonly item: BatchItem;
  release(): void;
}

const IDLE = Symbol('idle');

class Failure {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

const failed = (error: unknown) => new Failure(error);

/**
 * A group is given out when it is full, when the images are all there, or when the next one lets wait:
 * it may only come when these are done, and their memory is free. Also before the error that ends the
 * images is thrown: what came is answered, however soon the error came after it.
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
      const got = await (group.length > 0 ? orIdle(next, limits.idleMs) : next).catch(failed);
      if (got instanceof Failure) {
        if (group.length > 0) yield group;
        group = [];
        throw got.error;
      }
      const size = got === IDLE || got.done ? 0 : (got.value.image?.length ?? 0);
      const full = group.length >= most || bytes + size > limits.bytes;
      if (group.length > 0 && (got === IDLE || got.done || full)) {
        yield group;
        group = [];
        most = limits.images;
        bytes = 0;
        continue; // what came is still in `next`
      }
      if (got === IDLE) continue;
      if (got.done) return;
      // Before the next is asked for, which may need the room.
      group.push({ item: got.value, release: got.value.hold?.() ?? (() => {}) });
      bytes += size;
      next = source.next();
    }
  } finally {
    for (const { release } of group) release();
    // Not awaited: it ends when the one that is being read has come, or never will.
    next.catch(() => {});
    source.return?.().catch(() => {});
  }
}

async function orIdle<T>(next: Promise<T>, ms: number): Promise<T | typeof IDLE> {
  const { promise, resolve } = Promise.withResolvers<typeof IDLE>();
  const timer = setTimeout(() => resolve(IDLE), ms);
  try {
    return await Promise.race([next, promise]);
  } finally {
    clearTimeout(timer);
  }
}
