import type { Codec } from '../../../edge/decode/codec.ts';
import { CodecPool } from '../../../edge/decode/codec-pool.ts';

/** A pool that remembers how much memory its codecs came to. */
export class MeteredPool extends CodecPool {
  /** Bytes of the largest WebAssembly memory so far. */
  peakBytes = 0;

  override use<T>(name: 'jpeg' | 'webp', decode: (codec: Codec) => T): Promise<T> {
    return super.use(name, (codec) => {
      const result = decode(codec);
      this.peakBytes = Math.max(this.peakBytes, codec.memoryBytes);
      return result;
    });
  }
}
