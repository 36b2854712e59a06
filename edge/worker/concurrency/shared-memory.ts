/**
 * The reservation of memory that work uses in turn and that only grows: the decoding arena. It counts once,
 * however many pieces of work are waiting to use it, and stays reserved when idle until the space is
 * needed.
 * @module
 */

/** The memory itself. */
export interface SharedMemory {
  /** Current size, bytes. */
  memoryBytes(): number;
  /** Frees it; it is allocated again on the next use. */
  drop(): void;
}

export class SharedReservation {
  readonly #memory: SharedMemory;
  #bytes = 0;
  #users = 0;

  constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  /** Bytes reserved: the memory's size, or what the largest user will need. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes that `drop` would free. */
  get spareBytes(): number {
    return this.#users === 0 ? this.#bytes : 0;
  }

  enter(bytes: number): void {
    this.#users++;
    this.#bytes = Math.max(this.#bytes, bytes);
  }

  leave(): void {
    this.#users--;
    if (this.#users === 0) this.#bytes = this.#memory.memoryBytes();
  }

  drop(): void {
    if (this.spareBytes === 0) return;
    this.#memory.drop();
    this.#bytes = 0;
  }
}
