/**
 * The decoder in Node, with the defaults of the tests.
 * @module
 */
import type { DecodeArena } from '@hebb/decode/arena';
import { type DecodedImage, decodeImage } from '@hebb/decode/decode';
import type { Reduction, Target } from '@hebb/decode/reduce';
import { HebbError } from '@hebb/model';
import { newArena } from '../support/codecs.ts';
import { ARENA_BYTES, PREPROCESSING } from './settings.ts';

const arena = newArena(ARENA_BYTES);

export interface Options {
  readonly target?: Target;
  readonly arena?: DecodeArena;
  readonly reduction?: Reduction;
}

export function decode(bytes: Uint8Array, options: Options = {}): Promise<DecodedImage> {
  return decodeImage(bytes, { arena, target: PREPROCESSING.resize, ...options });
}

/** Code and message of the HebbError that decoding throws. Fails if it throws anything else. */
export async function refusal(bytes: Uint8Array, options: Options = {}): Promise<string> {
  const image = await decode(bytes, options).catch((error: unknown) => {
    if (error instanceof HebbError) return error;
    throw error;
  });
  return image instanceof HebbError ? `${image.code}: ${image.message}` : 'decoded';
}
