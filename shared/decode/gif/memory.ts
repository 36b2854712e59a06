import type { GifHeader } from './header.ts';

/** What decoding takes besides the reduced picture: one row. */
export const gifMemory = ({ width }: GifHeader): number => width * 3 + 64;
