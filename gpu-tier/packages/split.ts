/**
 * `split.json`, beside the weights: which images a package was trained on and which validated it, so that a
 * later evaluation recognises them under any path and name.
 *
 * It keeps the first 8 bytes of each file's sha256, sorted, as one base64 text: 11 characters per image. An
 * unseen image is mistaken for one of a million others with a probability of 1 in 2e13. Only training and
 * evaluation use the file; it is not published.
 * @module
 */
import { HebbError } from '@hebb/model/errors';

const FORMAT = 'hebb-split/1';

const BYTES = 8;

/** A set of file contents, each given by its sha256 in hex. */
export class ContentSet {
  readonly #heads: Set<string>;

  constructor(digests: Iterable<string> = []) {
    this.#heads = new Set(Array.from(digests, head));
  }

  get size(): number {
    return this.#heads.size;
  }

  has(sha256: string): boolean {
    return this.#heads.has(head(sha256));
  }

  union(other: ContentSet): ContentSet {
    return new ContentSet([...this.#heads, ...other.#heads]);
  }

  toBase64(): string {
    return Buffer.from([...this.#heads].sort().join(''), 'hex').toString('base64');
  }

  /** Throws `invalid_package`. */
  static fromBase64(text: unknown): ContentSet {
    const bytes = typeof text === 'string' ? Buffer.from(text, 'base64') : undefined;
    if (!bytes || bytes.length % BYTES !== 0) {
      throw new HebbError('invalid_package', 'split.json holds an invalid list of digests.');
    }
    const hex = bytes.toString('hex');
    return new ContentSet(
      Array.from({ length: bytes.length / BYTES }, (_, i) =>
        hex.slice(i * 2 * BYTES, (i + 1) * 2 * BYTES),
      ),
    );
  }
}

const head = (sha256: string): string => sha256.slice(0, 2 * BYTES);

export interface RecordedSplit {
  /** Training images of the run that made the package. */
  readonly train: ContentSet;
  /** Validation images of that run. */
  readonly val: ContentSet;
  /** Training images of the packages that it started from. */
  readonly earlier: ContentSet;
}

/** True if the weights were trained on this image, in this run or in an earlier one. */
export const wasTrainedOn = ({ train, earlier }: RecordedSplit, sha256: string): boolean =>
  train.has(sha256) || earlier.has(sha256);

/** The split of a run. `start` is the split of the package that it started from. */
export function splitOf(
  { train, val }: Readonly<Record<'train' | 'val', readonly { readonly sha256: string }[]>>,
  start?: RecordedSplit,
): RecordedSplit {
  const set = (images: readonly { readonly sha256: string }[]) =>
    new ContentSet(images.map(({ sha256 }) => sha256));
  const earlier = start ? start.train.union(start.earlier) : new ContentSet();
  return { train: set(train), val: set(val), earlier };
}

/** The text of split.json. */
export function writeSplit({ train, val, earlier }: RecordedSplit): string {
  const content = {
    format: FORMAT,
    about: `first ${BYTES} bytes of the sha256 of each image file, sorted, base64`,
    train: train.toBase64(),
    val: val.toBase64(),
    earlier: earlier.toBase64(),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** Reads split.json. Throws `invalid_package`. */
export function readSplit(text: string): RecordedSplit {
  let content: Partial<Record<'format' | 'train' | 'val' | 'earlier', unknown>> | null;
  try {
    content = JSON.parse(text) as typeof content;
  } catch (cause) {
    throw new HebbError('invalid_package', 'split.json is no JSON.', { cause });
  }
  if (content?.format !== FORMAT) {
    throw new HebbError('invalid_package', `split.json: format must be "${FORMAT}".`);
  }
  return {
    train: ContentSet.fromBase64(content.train),
    val: ContentSet.fromBase64(content.val),
    earlier: ContentSet.fromBase64(content.earlier),
  };
}
