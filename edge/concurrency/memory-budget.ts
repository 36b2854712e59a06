/**
 * Memory as a semaphore: work says how many bytes it will hold and starts when they are free. The
 * line of those that wait is bounded in length and in time (waiting-line.ts has its order).
 * @module
 */
import { HebbError } from '../../shared/model/errors.ts';
import { type SharedMemory, SharedRoom } from './shared-room.ts';
import { WaitingLine } from './waiting-line.ts';

export interface BudgetOptions {
  /** What the memory is for, in error messages: "request bodies". */
  readonly name: string;
  readonly capacityBytes: number;
  /** Longest line. Whoever comes then is sent away with `overloaded`. */
  readonly maxWaiting: number;
  /** Longest wait, ms. */
  readonly maxWaitMs: number;
  /** Memory that is used in turn, and counts in this budget. */
  readonly shared?: SharedMemory;
  /** Called after every change, so that the isolate's account can be taken. */
  readonly onChange?: () => void;
}

/** What a piece of work will hold, bytes. */
export interface Need {
  /** Of its own. */
  readonly bytes: number;
  /** What the shared memory has to have, for those who use it. */
  readonly sharedBytes?: number;
}

export interface Reservation {
  readonly bytes: number;
  /** Gives the memory back. Once is enough, twice does no harm. */
  release(): void;
  /**
   * From now on the memory is held only until someone wants it: then `evict` is called, which must
   * let go of it at once. Those with the longest tenancy go first.
   */
  holdUntilWanted(evict: () => void): void;
}

const NO_MEMORY: SharedMemory = { memoryBytes: () => 0, drop: () => {} };

export class MemoryBudget {
  readonly #options: BudgetOptions;
  readonly #line: WaitingLine<Required<Need>>;
  readonly #room: SharedRoom;
  readonly #tenants = new Map<Reservation, () => void>();
  #used = 0;

  constructor(options: BudgetOptions) {
    this.#options = options;
    this.#room = new SharedRoom(options.shared ?? NO_MEMORY);
    this.#line = new WaitingLine(
      options.maxWaiting,
      options.maxWaitMs,
      (why) => new HebbError('overloaded', `No memory is free for ${options.name}: ${why}.`),
    );
  }

  get capacityBytes(): number {
    return this.#options.capacityBytes;
  }

  /** Bytes reserved now, those held until wanted included, the shared memory not. */
  get usedBytes(): number {
    return this.#used;
  }

  /** Bytes reserved for the shared memory, in use or at rest. */
  get sharedBytes(): number {
    return this.#room.bytes;
  }

  get waiting(): number {
    return this.#line.length;
  }

  /**
   * Runs `work` once what it needs is free, and gives it back when it is done, however it ends.
   * Leaves the line when `signal` is aborted, with its reason. Throws `overloaded`.
   * @param need at most the capacity; a number is bytes of its own
   */
  async use<T>(need: number | Need, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const reservation = await this.reserve(need, signal);
    try {
      return await work();
    } finally {
      reservation.release();
    }
  }

  /** As `use`, for memory that is held beyond one piece of work. */
  async reserve(need: number | Need, signal?: AbortSignal): Promise<Reservation> {
    const { capacityBytes, name } = this.#options;
    const { bytes, sharedBytes = 0 } = typeof need === 'number' ? { bytes: need } : need;
    const total = bytes + sharedBytes;
    if (total > capacityBytes) throw new RangeError(`${total} of ${capacityBytes} bytes: ${name}`);
    signal?.throwIfAborted();
    const whole = { bytes, sharedBytes };
    if (!this.#line.mayBePassed || !this.#take(whole)) await this.#wait(whole, signal);
    return this.#reservation(whole);
  }

  /** Resolves when admitted, with the memory taken. */
  async #wait(need: Required<Need>, signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.#line.join(need, signal);
    } catch (error) {
      this.#admit(); // an overdue one may have held up those behind it
      throw error;
    }
  }

  #reservation({ bytes, sharedBytes }: Required<Need>): Reservation {
    let held = true;
    const free = () => {
      if (held) {
        if (sharedBytes > 0) this.#room.leave();
        this.#change(-bytes);
      }
      held = false;
      this.#tenants.delete(reservation);
    };
    const reservation: Reservation = {
      bytes,
      release: () => {
        free();
        this.#admit();
      },
      holdUntilWanted: (evict) => {
        this.#tenants.set(reservation, () => {
          free();
          evict();
        });
        this.#admit();
      },
    };
    return reservation;
  }

  #admit(): void {
    this.#line.admit((need) => this.#take(need));
  }

  /** True when what is needed is free, if need be because the shared memory or tenants give way. */
  #makeRoom({ bytes, sharedBytes }: Required<Need>): boolean {
    const wanted = () => this.#used + bytes + Math.max(this.#room.bytes, sharedBytes);
    const fits = () => wanted() <= this.capacityBytes;
    const held = [...this.#tenants.keys()].reduce((sum, tenant) => sum + tenant.bytes, 0);
    const spare = sharedBytes > 0 ? 0 : this.#room.spareBytes; // who uses it does not drop it
    if (wanted() - held - spare > this.capacityBytes) return false;
    if (!fits() && spare > 0) this.#room.giveUp();
    for (const leave of this.#tenants.values()) {
      if (fits()) break;
      leave();
    }
    return fits();
  }

  /** Takes the memory, if it is free or can be made so. */
  #take(need: Required<Need>): boolean {
    if (!this.#makeRoom(need)) return false;
    if (need.sharedBytes > 0) this.#room.enter(need.sharedBytes);
    this.#change(need.bytes);
    return true;
  }

  #change(bytes: number): void {
    this.#used += bytes;
    this.#options.onChange?.();
  }
}
