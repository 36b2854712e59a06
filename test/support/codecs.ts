/**
 * The decoder in Node.
 * @module
 */

import { DecodeArena } from '@hebb/decode/arena';
import { nodeCodecs } from '@hebb/images/file';

const codecs = nodeCodecs();

/** A fresh arena of at most so many bytes; its codecs are compiled once. */
export const newArena = (maxBytes = 64e6): DecodeArena => new DecodeArena(codecs, maxBytes);
