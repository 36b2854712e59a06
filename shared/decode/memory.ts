/** What decoding an image takes at its peak, besides the file in the caller's hands. */
export interface DecodeMemory {
  /** WebAssembly memory. All codecs share one: the largest image sets its size. */
  readonly codecBytes: number;
  /** JavaScript's buffers, each image's own. */
  readonly bufferBytes: number;
}

/** Stack, tables and first allocations of a codec, bytes. */
export const CODEC_BASE_BYTES = 500_000;

export const totalBytes = ({ codecBytes, bufferBytes }: DecodeMemory): number =>
  codecBytes + bufferBytes;
