/**
 * A semaphore of bytes: work reserves the memory it needs and starts when it is free. The queue of waiters
 * is bounded in length and time (waiting-line.ts).
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { type SharedMemory, SharedReservation } from './shared-memory.ts';
import { WaitingLine } from './waiting-line.ts';

export interface BudgetOptions {
  /** For error messages: "request bodies". */
  readonly name: string;
  readonly capacityBytes: number;
  /** Longest queue; further requests fail with `overloaded`. */
  readonly maxWaiting: number;
  /** Longest wait, ms. */
  readonly maxWaitMs: number;
  /** Memory that work uses in turn, and that counts in this budget. */
  readonly shared?: SharedMemory;
  /** Called after every change, to sample the isolate's account. */
  readonly onChange?: () => void;
}

/** The memory that a piece of work needs, bytes. */
export interface Need {
  /** Of its own. */
  readonly bytes: number;
  /** Least size of the shared memory; 0 for work that does not use it. */
  readonly sharedBytes?: number;
}

export interface Reservation {
  readonly bytes: number;
  /** Frees the memory. Idempotent. */
  release(): void;
  /**
   * Makes the reservation evictable: when the memory is needed, `evict` is called and must free it at
   * once. The oldest is evicted first.
   */
  holdUntilNeeded(evict: () => void): void;
}

const NO_MEMORY: SharedMemory = { memoryBytes: () => 0, drop: () => {} };

export class MemoryBudget {
  readonly #options: BudgetOptions;
  readonly #queue: WaitingLine<Required<Need>>;
  readonly #shared: SharedReservation;
  readonly #evictable = new Map<Reservation, () => void>();
  #used = 0;

  constructor(options: BudgetOptions) {
    this.#options = options;
    this.#shared = new SharedReservation(options.shared ?? NO_MEMORY);
    this.#queue = new WaitingLine(
      options.maxWaiting,
      options.maxWaitMs,
      (why) => new HebbError('overloaded', `No memory is free for ${options.name}: ${why}.`),
    );
  }

  get capacityBytes(): number {
    return this.#options.capacityBytes;
  }

  /** Bytes reserved, including evictable ones, without the shared memory. */
  get usedBytes(): number {
    return this.#used;
  }

  /** Bytes reserved for the shared memory, in use or idle. */
  get sharedBytes(): number {
    return this.#shared.bytes;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /**
   * Runs `work` when the memory it needs is free, and frees it afterwards. Throws `overloaded`, or the
   * signal's reason when it is aborted while waiting.
   * @param need at most the capacity; a number is `bytes`
   */
  async use<T>(need: number | Need, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const reservation = await this.reserve(need, signal);
    try {
      return await work();
    } finally {
      reservation.release();
    }
  }

  /** Like `use`, for memory that outlives one piece of work. */
  async reserve(need: number | Need, signal?: AbortSignal): Promise<Reservation> {
    const { capacityBytes, name } = this.#options;
    const { bytes, sharedBytes = 0 } = typeof need === 'number' ? { bytes: need } : need;
    const total = bytes + sharedBytes;
    if (total > capacityBytes) throw new RangeError(`${total} of ${capacityBytes} bytes: ${name}`);
    signal?.throwIfAborted();
    const whole = { bytes, sharedBytes };
    if (!this.#queue.mayBeOvertaken || !this.#take(whole)) await this.#wait(whole, signal);
    return this.#reservation(whole);
  }

  /** Resolves when the memory has been reserved. */
  async #wait(need: Required<Need>, signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.#queue.join(need, signal);
    } catch (error) {
      this.#admit(); // if it was overdue it blocked those behind it
      throw error;
    }
  }

  #reservation({ bytes, sharedBytes }: Required<Need>): Reservation {
    let held = true;
    const free = () => {
      if (held) {
        if (sharedBytes > 0) this.#shared.leave();
        this.#change(-bytes);
      }
      held = false;
      this.#evictable.delete(reservation);
    };
    const reservation: Reservation = {
      bytes,
      release: () => {
        free();
        this.#admit();
      },
      holdUntilNeeded: (evict) => {
        this.#evictable.set(reservation, () => {
          free();
          evict();
        });
        this.#admit();
      },
    };
    return reservation;
  }

  #admit(): void {
    this.#queue.admit((need) => this.#take(need));
  }

  /** Frees the shared memory and evicts reservations if necessary. Returns whether the need fits. */
  #makeSpace({ bytes, sharedBytes }: Required<Need>): boolean {
    const needed = () => this.#used + bytes + Math.max(this.#shared.bytes, sharedBytes);
    const fits = () => needed() <= this.capacityBytes;
    const evictable = [...this.#evictable.keys()].reduce((sum, { bytes }) => sum + bytes, 0);
    const spare = sharedBytes > 0 ? 0 : this.#shared.spareBytes; // work that uses it must not drop it
    if (needed() - evictable - spare > this.capacityBytes) return false;
    if (!fits() && spare > 0) this.#shared.drop();
    for (const evict of this.#evictable.values()) {
      if (fits()) break;
      evict();
    }
    return fits();
  }

  /** Reserves the memory if it is free or can be freed. */
  #take(need: Required<Need>): boolean {
    if (!this.#makeSpace(need)) return false;
    if (need.sharedBytes > 0) this.#shared.enter(need.sharedBytes);
    this.#change(need.bytes);
    return true;
  }

  #change(bytes: number): void {
    this.#used += bytes;
    this.#options.onChange?.();
  }
}
