/**
 * A thread that decodes and resizes images: sharp itself works off the main thread, the resize that
 * both tiers share is plain computing.
 * @module
 */
import { HebbError } from '../../../shared/model/index.ts';
import { decodeQuickly } from '../../decode/file.ts';
import type { DecodeReply, DecodeTask } from './pool.ts';

/** Errors travel as data: structured cloning would make them plain errors. */
export default async function decode({ bytes, preprocessing }: DecodeTask): Promise<DecodeReply> {
  try {
    return { pixels: await decodeQuickly(bytes, preprocessing) };
  } catch (error) {
    if (!(error instanceof HebbError)) throw error;
    return { error: { code: error.code, message: error.message, hint: error.hint } };
  }
}
