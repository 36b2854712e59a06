/**
 * Codecs compiled from C (shared/codecs), on the memory that they share.
 * @module
 */
import { Codec } from '../codecs/instance.ts';
import type { CodecPool } from './codec-pool.ts';

export { type Codec, CodecFailure } from '../codecs/instance.ts';

/** Runs `decode` with a fresh instance of the codec, which is gone when it returns. */
export async function withCodec<T>(
  pool: CodecPool,
  name: 'jpeg' | 'webp',
  decode: (codec: Codec) => T,
): Promise<T> {
  const module = await pool.module(name);
  return decode(new Codec((env) => pool.instantiate(name, module, { env })));
}
