/**
 * A job's images in the bucket. What came as an error (a URL that gave nothing, a broken line) lies in
 * its place among them, and becomes its line.
 * @module
 */
import { type ErrorBody, HebbError } from '../../shared/model/errors.ts';
import type { BatchItem } from '../batch/item.ts';
import type { JobBucket, StoredBody } from './bucket.ts';
import { inputKey } from './keys.ts';

const IMAGE = 'application/octet-stream';
const ERROR = 'application/vnd.hebb.error+json';

/** Metadata of an object may have 8 KB. */
const MAX_NAME = 1024;

/** An input, its bytes not yet read. */
export interface StoredInput {
  readonly name?: string;
  /** Of the image; 0 for an error. */
  readonly bytes: number;
  /** The image. Throws the error that came in its place. */
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
      // Text of any language goes through as ASCII.
      ...(name !== undefined && {
        customMetadata: { name: encodeURIComponent(cut(name.toWellFormed())) },
      }),
    });
  }

  /** Undefined when it was deleted. */
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

  /** What the caller called the image. */
  async name(id: string, index: number): Promise<string | undefined> {
    const object = await this.#bucket.head(inputKey(id, index));
    return object ? named(object).name : undefined;
  }
}

function named({ customMetadata }: Pick<StoredBody, 'customMetadata'>): { name?: string } {
  const name = customMetadata?.name;
  return name === undefined ? {} : { name: decodeURIComponent(name) };
}

/** Not in the middle of a character. */
const cut = (name: string): string => [...name].slice(0, MAX_NAME / 4).join('');
