/**
 * One image in progress, from its bytes to its result.
 * @module
 */
import type { DecodePlan } from '@hebb/decode/plan';
import { HebbError } from '@hebb/model/errors';
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
  #plan: DecodePlan | undefined;

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
    this.#plan = cost.plan;
  }

  get image(): Uint8Array<ArrayBuffer> {
    return this.#image;
  }

  /** How to decode it; undefined if its header has to be read again. */
  get plan(): DecodePlan | undefined {
    return this.#plan;
  }

  /** Its bytes have moved to a chunk. Views on them that the plan holds (palette, ICC profile) are void. */
  moveTo(part: Uint8Array<ArrayBuffer>): void {
    this.#image = part;
    this.#plan = undefined;
  }

  /** Its bytes are no longer needed. */
  release(): void {
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

/** The error as it is answered; anything but a `HebbError` is logged and answered without details. */
export function errorOf(error: unknown) {
  if (error instanceof HebbError) return error.toBody().error;
  console.error(JSON.stringify({ level: 'error', event: 'image_failed', cause: String(error) }));
  return new HebbError('internal', 'Something went wrong here.').toBody().error;
}
