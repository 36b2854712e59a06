/**
 * Shared memory of all threads. Allocation only moves forward; nothing is freed.
 * @module
 */

/** The two buffers that a thread needs to use the arena. */
export interface ArenaBuffers {
  readonly bytes: SharedArrayBuffer;
  /** One int32: number of allocated units. */
  readonly taken: SharedArrayBuffer;
}

/** Allocation unit, bytes: a cache line. With these units 32 bits count up to 128 GiB. */
const UNIT = 64;

/** Makes an arena. Untouched pages cost no memory, so a generous size is free until it is used. */
export const createArena = (bytes: number): ArenaBuffers => ({
  bytes: new SharedArrayBuffer(Math.floor(bytes)),
  taken: new SharedArrayBuffer(4),
});

/**
 * Copies `data` into the arena; safe from any thread.
 * @returns the offset in bytes, or undefined when the arena is full
 */
export function store(arena: ArenaBuffers, data: Uint8Array): number | undefined {
  const units = Math.ceil(data.length / UNIT);
  const capacity = Math.floor(arena.bytes.byteLength / UNIT);
  const taken = new Int32Array(arena.taken);
  for (;;) {
    const start = Atomics.load(taken, 0);
    if (start + units > capacity) return undefined;
    if (Atomics.compareExchange(taken, 0, start, start + units) !== start) continue;
    new Uint8Array(arena.bytes, start * UNIT, data.length).set(data);
    return start * UNIT;
  }
}
