/**
 * The edge's decoder in Node, as the tests use it.
 * @module
 */
import { CodecPool } from '../../shared/decode/codec-pool.ts';
import { type DecodedImage, decodeImage } from '../../shared/decode/decode.ts';
import type { Target } from '../../shared/decode/reduce.ts';
import { HebbError } from '../../shared/model/index.ts';
import { nodeCodecs } from '../support/codecs.ts';
import { BUDGET_BYTES, PREPROCESSING } from './settings.ts';

const codecs = new CodecPool(nodeCodecs);

export interface Options {
  readonly target?: Target;
  readonly budgetBytes?: number;
  readonly codecs?: CodecPool;
}

export function decode(bytes: Uint8Array, options: Options = {}): Promise<DecodedImage> {
  const target = PREPROCESSING.resize;
  return decodeImage(bytes, { codecs, budgetBytes: BUDGET_BYTES, target, ...options });
}

/** What decoding throws, as its code and message; fails if that is no HebbError. */
export async function refusal(bytes: Uint8Array, options: Options = {}): Promise<string> {
  const image = await decode(bytes, options).catch((error: unknown) => {
    if (error instanceof HebbError) return error;
    throw error;
  });
  return image instanceof HebbError ? `${image.code}: ${image.message}` : 'decoded';
}
