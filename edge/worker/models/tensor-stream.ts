/**
 * Streaming reader of safetensors, with one tensor in memory at a time, for weights in full precision (28
 * MB) in an isolate of 128 MB. `readSafetensors` of shared/model reads whole files.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { fromFloat16 } from '@hebb/model/package/float16';
import {
  headerLength,
  LENGTH_BYTES,
  parseHeader,
  soundNumbers,
  type Tensor,
} from '@hebb/model/package/safetensors';
import type { Chunks } from './files.ts';

/** Largest tensor; the engine's whole heap is smaller (limits.ts, `decoding`). */
const MAX_TENSOR_BYTES = 64 << 20;

/**
 * The file's tensors, F32 or F16, as float32 in the order of the file, each in a buffer of its own.
 */
export async function* tensorStream(
  chunks: Chunks,
): AsyncGenerator<readonly [string, Tensor<'F32'>]> {
  const reader = new ChunkReader(chunks);
  const length = headerLength(await reader.take(LENGTH_BYTES));
  for (const entry of parseHeader(await reader.take(length))) {
    const { name, dtype, shape, begin, end } = entry;
    if (dtype !== 'F32' && dtype !== 'F16') throw invalid(`${name} is ${dtype}`);
    if (end - begin > MAX_TENSOR_BYTES) throw invalid(`${name} takes ${end - begin} bytes`);
    const { buffer } = await reader.take(end - begin);
    const halves = dtype === 'F16';
    const data = halves ? fromFloat16(new Uint16Array(buffer)) : new Float32Array(buffer);
    if (halves) buffer.transfer(0); // frees it at once
    yield [name, soundNumbers(name, { dtype: 'F32', shape, data }) as Tensor<'F32'>];
  }
  await reader.end();
}

/** Reads exact numbers of bytes from a stream of chunks of any size. */
class ChunkReader {
  readonly #chunks: AsyncIterator<Uint8Array<ArrayBuffer>>;
  #rest: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  constructor(chunks: Chunks) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next `length` bytes, in a buffer of their own. */
  async take(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#chunks.next();
        if (done) throw invalid('it is cut off');
        this.#rest = value;
      }
      const part = this.#rest.subarray(0, length - at);
      bytes.set(part, at);
      at += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return bytes;
  }

  /** Reads to the end, where the stream checks the digest; no bytes may be left. */
  async end(): Promise<void> {
    let left = this.#rest.length;
    for (;;) {
      const { done, value } = await this.#chunks.next();
      if (done) break;
      left += value.length;
    }
    if (left > 0) throw invalid(`${left} bytes follow its last tensor`);
  }
}

const invalid = (why: string) =>
  new HebbError('invalid_package', `The float32 weights cannot be read: ${why}.`);
