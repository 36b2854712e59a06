/**
 * Memory that all threads share, handed out from front to back and never taken back.
 * @module
 */

/** The two buffers that a thread needs to use the arena. */
export interface ArenaBuffers {
  readonly bytes: SharedArrayBuffer;
  /** One int32: how many units are taken. */
  readonly taken: SharedArrayBuffer;
}

/** A cache line. In these units 32 bits count up to 128 GiB. */
const UNIT = 64;

/** Untouched pages of it cost no memory, so a generous size is not spent until it is needed. */
export const createArena = (bytes: number): ArenaBuffers => ({
  bytes: new SharedArrayBuffer(Math.floor(bytes)),
  taken: new SharedArrayBuffer(4),
});

/**
 * Copies `data` into the arena; safe from any thread.
 * @returns where it lies, or undefined when it does not fit any more
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
