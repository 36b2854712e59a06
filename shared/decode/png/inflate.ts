/**
 * zlib decompression by the platform's own DecompressionStream.
 * @module
 */

/** Compressed bytes handed over at a time, so that the first rows come out early. */
const PIECE_BYTES = 16_384;

/**
 * Inflates a zlib stream that lies in several parts. `take` gets the output piece by piece and
 * returns false when it wants no more. Rejects with the platform's TypeError for bad data.
 *
 * Node inflates as `take` keeps up; workerd does not wait for it, so the whole output may lie in
 * memory (`pngMemory` counts it).
 */
export async function inflate(
  parts: readonly Uint8Array[],
  take: (piece: Uint8Array) => boolean,
): Promise<void> {
  const { readable, writable } = new DecompressionStream('deflate');
  const reader = readable.getReader();
  const written = write(parts, writable.getWriter()).catch(() => {}); // the reader fails as well
  for (let wanted = true; wanted; ) {
    const { done, value } = await reader.read();
    if (done) break;
    wanted = take(value);
  }
  await reader.cancel();
  await written;
}

async function write(parts: readonly Uint8Array[], writer: WritableStreamDefaultWriter) {
  for (const part of parts) {
    for (let at = 0; at < part.length; at += PIECE_BYTES) {
      await writer.write(part.subarray(at, at + PIECE_BYTES));
    }
  }
  await writer.close();
}
