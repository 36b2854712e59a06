/**
 * The decoder in Node.
 * @module
 */
import { nodeCodecs } from '../../gpu-tier/decode/file.ts';
import { DecodeArena } from '../../shared/decode/arena.ts';

const codecs = nodeCodecs();

/** A fresh arena of at most so many bytes; its codecs are compiled once. */
export const newArena = (maxBytes = 64e6): DecodeArena => new DecodeArena(codecs, maxBytes);
