/**
 * safetensors read as it comes, one tensor in memory at a time; `readSafetensors` of shared/model
 * is for whole files. Weights in full precision (28 MB) need it, in an isolate of 128 MB.
 * @module
 */
import { HebbError } from '../../shared/model/errors.ts';
import { fromFloat16 } from '../../shared/model/package/float16.ts';
import type { Tensor } from '../../shared/model/package/safetensors.ts';
import type { Chunks } from './files.ts';

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [begin: number, end: number];
}

/** As in shared/model/package/safetensors.ts. */
const MAX_HEADER_BYTES = 4 << 20;
const MAX_TENSOR_BYTES = 256 << 20;

/** Bytes of a number. */
const WIDTH: Readonly<Record<string, number>> = { F32: 4, F16: 2 };

/**
 * The file's tensors, F32 or F16, as float32 in the order in which they lie there, each in a buffer of
 * its own.
 */
export async function* tensorStream(
  chunks: Chunks,
): AsyncGenerator<readonly [string, Tensor<'F32'>]> {
  const reader = new ChunkReader(chunks);
  const length = new DataView((await reader.take(8)).buffer).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) throw invalid(`a header of ${length} bytes`);
  const header = parseHeader(await reader.take(Number(length)));
  let at = 0;
  for (const [name, { dtype, shape, data_offsets: offsets }] of header) {
    const [begin, end] = offsets;
    const count = shape.reduce((product, n) => product * n, 1);
    const width = WIDTH[dtype];
    if (!width) throw invalid(`${name} is ${dtype}`);
    if (begin !== at || end - begin !== count * width || end - begin > MAX_TENSOR_BYTES) {
      throw invalid(`${name} of shape [${shape}] at bytes ${begin} to ${end}`);
    }
    at = end;
    const bytes = await reader.take(end - begin);
    const data =
      width === 4 ? new Float32Array(bytes.buffer) : fromFloat16(new Uint16Array(bytes.buffer));
    if (width === 2) bytes.buffer.transfer(0); // no garbage of its size
    yield [name, { dtype: 'F32', shape, data }];
  }
  await reader.end();
}

/** Names and entries in the order of their bytes; whatever is no entry is refused. */
function parseHeader(bytes: Uint8Array): [string, Entry][] {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw invalid(`a header that is no JSON (${cause})`);
  }
  if (header === null || typeof header !== 'object') throw invalid('a header that is no object');
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__');
  const wrong = entries.find(([, entry]) => !isEntry(entry));
  if (wrong) throw invalid(`${wrong[0]} has no proper entry`);
  return entries.sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0]);
}

function isEntry(value: unknown): value is Entry {
  const { shape, data_offsets: offsets } = (value ?? {}) as Partial<Record<keyof Entry, unknown>>;
  const isList = (list: unknown) =>
    Array.isArray(list) && list.every((n) => Number.isSafeInteger(n) && n >= 0);
  return isList(shape) && isList(offsets) && (offsets as unknown[]).length === 2;
}

/** Takes exact numbers of bytes from a stream of chunks of any size. */
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

  /** Reads to the end, where checksums are compared. */
  async end(): Promise<void> {
    while (!(await this.#chunks.next()).done);
  }
}

const invalid = (why: string) =>
  new HebbError('invalid_package', `The float32 weights cannot be read: ${why}.`);
