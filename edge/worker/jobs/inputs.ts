/**
 * A job's images in the bucket. An input that is an error (a URL that failed, a broken line) is stored in
 * place of the image, and becomes its line.
 * @module
 */
import { type ErrorBody, HebbError } from '@hebb/model/errors';
import type { BatchItem } from '../batch/item.ts';
import type { JobBucket, StoredBody } from './bucket.ts';
import { inputKey } from './keys.ts';

const IMAGE = 'application/octet-stream';
const ERROR = 'application/vnd.hebb.error+json';

/** Most characters of a stored name. Metadata of an object may have 8 KB, in Miniflare 2 KB. */
const MAX_NAME = 1024;

/** An input whose bytes have not been read yet. */
export interface StoredInput {
  readonly name?: string;
  /** Bytes of the image; 0 for an error. */
  readonly bytes: number;
  /** The image. Throws the error that was stored in its place. */
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

export class Inputs {
  readonly #bucket: JobBucket;

  constructor(bucket: JobBucket) {
    this.#bucket = bucket;
  }

  /** @param index its place in the job */
  async put(id: string, index: number, { name, image, error }: BatchItem): Promise<void> {
    const contentType = image ? IMAGE : ERROR;
    await this.#bucket.put(inputKey(id, index), image ?? JSON.stringify(error?.toBody()), {
      httpMetadata: { contentType },
      // Metadata is ASCII.
      ...(name !== undefined && { customMetadata: { name: encoded(name.toWellFormed()) } }),
    });
  }

  /** Undefined if it has been deleted. */
  async open(id: string, index: number): Promise<StoredInput | undefined> {
    const object = await this.#bucket.get(inputKey(id, index));
    if (!object) return undefined;
    const isImage = object.httpMetadata?.contentType === IMAGE;
    return {
      ...named(object),
      bytes: isImage ? object.size : 0,
      async read() {
        if (isImage) return new Uint8Array(await object.arrayBuffer());
        const { code, message, hint } = (await object.json<ErrorBody>()).error;
        throw new HebbError(code, message, { hint });
      },
    };
  }

  /** The caller's name of the image. */
  async name(id: string, index: number): Promise<string | undefined> {
    const object = await this.#bucket.head(inputKey(id, index));
    return object ? named(object).name : undefined;
  }
}

function named({ customMetadata }: Pick<StoredBody, 'customMetadata'>): { name?: string } {
  const name = customMetadata?.name;
  return name === undefined ? {} : { name: decodeURIComponent(name) };
}

/** URL-encoded, cut to MAX_NAME at a character's border (one may take twelve). */
function encoded(name: string): string {
  let text = '';
  for (const character of name) {
    const next = text + encodeURIComponent(character);
    if (next.length > MAX_NAME) return text;
    text = next;
  }
  return text;
}
