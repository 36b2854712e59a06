/**
 * An image that is being worked on, from its bytes to its result.
 * @module
 */
import { HebbError } from '../../shared/model/errors.ts';
import type { CacheEntry } from '../cache/result-cache.ts';
import type { Classification } from '../classification.ts';
import type { ImageCost } from './cost.ts';
import type { Held } from './groups.ts';
import type { ItemResult } from './result.ts';

export class Work {
  readonly cost: ImageCost;
  readonly entry: CacheEntry | undefined;
  readonly #held: Held;
  readonly #settle: (result: ItemResult) => void;
  #image: Uint8Array<ArrayBuffer>;

  constructor(
    held: Held,
    { cost, entry }: { cost: ImageCost; entry: CacheEntry | undefined },
    settle: (result: ItemResult) => void,
  ) {
    this.cost = cost;
    this.entry = entry;
    this.#held = held;
    this.#settle = settle;
    this.#image = held.item.image!;
  }

  get image(): Uint8Array<ArrayBuffer> {
    return this.#image;
  }

  /** Its bytes are elsewhere now: a part of a chunk. */
  moveTo(part: Uint8Array<ArrayBuffer>): void {
    this.#image = part;
  }

  /** Its bytes are not needed any more. */
  letGo(): void {
    this.#held.release();
  }

  done(answer: Classification): void {
    this.#end(answer);
  }

  failed(error: unknown): void {
    this.#end({ error: errorOf(error) });
  }

  #end(end: Classification | { readonly error: ReturnType<typeof errorOf> }): void {
    this.#held.release();
    this.#settle({ ...headOf(this.#held), ...end });
  }
}

export const headOf = ({ item: { index, name } }: Held) => ({
  index,
  ...(name !== undefined && { name }),
});

/** What is told of an error; what is no `HebbError` is logged, and told without details. */
export function errorOf(error: unknown) {
  if (error instanceof HebbError) return error.toBody().error;
  console.error(JSON.stringify({ level: 'error', event: 'image_failed', cause: String(error) }));
  return new HebbError('internal', 'Something went wrong here.').toBody().error;
}
