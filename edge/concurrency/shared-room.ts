/**
 * Memory that work uses in turn, and leaves as large as it had to make it: the codecs'. Unlike
 * memory of one's own it is counted once, however many are about to use it, and stays when they
 * have gone, until someone else wants the room.
 * @module
 */

/** The memory itself. */
export interface SharedMemory {
  /** Bytes that it has now. */
  memoryBytes(): number;
  /** Lets go of it; it is made anew when it is used again. */
  drop(): void;
}

export class SharedRoom {
  readonly #memory: SharedMemory;
  #bytes = 0;
  #users = 0;

  constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  /** Bytes reserved: what the memory has, or what the largest user will make it. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes that would be free if it were given up. */
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

  giveUp(): void {
    if (this.spareBytes === 0) return;
    this.#memory.drop();
    this.#bytes = 0;
  }
}
