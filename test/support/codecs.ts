/**
 * The decoder in Node.
 * @module
 */

import { DecodeArena } from '@hebb/decode/arena';
import { nodeCodecs } from '@hebb/images/file';

const codecs = nodeCodecs();

/** A new arena of at most this many bytes. The codecs are compiled once per process. */
export const newArena = (maxBytes = 64e6): DecodeArena => new DecodeArena(codecs, maxBytes);
