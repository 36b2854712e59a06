/** Activations, tables of pixel addresses, and one layer's three copies: measured, with room. */
export const WORKING_BYTES = 16e6;

/** Bytes of the heap that the engine will have, for weights of this many bytes. */
export const tfjsHeapBytes = (weightBytes: number): number => weightBytes + WORKING_BYTES + 1e6;
