/**
 * Sources of the files of a model package: the Worker's static assets or R2.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { BUILT_IN_SOURCE } from '@hebb/model/package/releases';

/** Each chunk is valid until the next one is read. */
export type Chunks = AsyncIterable<Uint8Array<ArrayBuffer>>;

export interface PackageFiles {
  /** For messages: "the built-in model", "R2 models/flowers/1a2b". */
  readonly description: string;
  /**
   * Streams the file.
   * @param bytes its size from the manifest; undefined for the manifest itself
   */
  open(file: string, bytes?: number): Chunks;
}

/** The part of a static assets binding that is used. */
export interface AssetStore {
  fetch(url: string): Promise<Response>;
}

/** The part of an R2 bucket that is used. */
export interface ObjectStore {
  get(key: string): Promise<{ readonly body: ReadableStream<Uint8Array<ArrayBuffer>> } | null>;
}

/**
 * A static asset may have 25 MiB; a larger file is split into parts of this size, named `<file>.part0`,
 * `<file>.part1`, …
 */
export const ASSET_PART_BYTES = 16 << 20;

/** Names of the assets of a file of this size, in order. */
export function assetParts(file: string, bytes = 0): string[] {
  const count = Math.ceil(bytes / ASSET_PART_BYTES);
  if (count <= 1) return [file];
  return Array.from({ length: count }, (_, i) => `${file}.part${i}`);
}

/** The package in the folder `folder` of the static assets. */
export function assetFiles(assets: AssetStore, folder: string): PackageFiles {
  const description = BUILT_IN_SOURCE;
  return {
    description,
    async *open(file, bytes) {
      for (const part of assetParts(file, bytes)) {
        // The binding looks at the path alone.
        const response = await assets.fetch(`https://assets.invalid/${folder}/${part}`);
        if (!response.ok || !response.body) throw missing(description, part);
        yield* chunksOf(response.body);
      }
    },
  };
}

/** The package under `prefix` of a bucket. */
export function objectFiles(bucket: ObjectStore, prefix: string): PackageFiles {
  const description = `R2 ${prefix}`;
  return {
    description,
    async *open(file) {
      const object = await bucket.get(`${prefix}/${file}`);
      if (!object) throw missing(description, file);
      yield* chunksOf(object.body);
    },
  };
}

/** Of one read. By default workerd reads 4 KB at a time: 7000 objects of garbage for 28 MB. */
const CHUNK_BYTES = 64 << 10;

async function* chunksOf(body: ReadableStream<Uint8Array>): Chunks {
  const reader = body.getReader({ mode: 'byob' });
  let buffer = new ArrayBuffer(CHUNK_BYTES);
  try {
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(buffer));
      if (done) return;
      yield value;
      buffer = value.buffer;
    }
  } finally {
    await reader.cancel().catch(() => {}); // already read or already broken
  }
}

const missing = (where: string, file: string) =>
  new HebbError('model_unavailable', `There is no ${file} in ${where}.`, {
    hint: 'The operator has to publish the model again.',
  });
