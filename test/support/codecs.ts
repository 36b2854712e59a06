/**
 * The decoder in Node.
 * @module
 */
import { nodeCodecs } from '@hebb/images/file';
import { DecodeArena } from '@hebb/decode/arena';

const codecs = nodeCodecs();

/** A fresh arena of at most so many bytes; its codecs are compiled once. */
export const newArena = (maxBytes = 64e6): DecodeArena => new DecodeArena(codecs, maxBytes);
