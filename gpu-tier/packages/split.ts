/**
 * Which images a package was trained on and which validated it: `split.json` beside the weights, so
 * that a later measurement knows them again wherever they lie and whatever they are called.
 *
 * Of each file's sha256 the first 8 bytes are kept, sorted, as one base64 text: 11 characters an
 * image. Among a million images, one that was never seen is taken for one of them in 1 of 2e13 cases.
 * The file is for those who measure; neither tier reads it, and it is not published.
 * @module
 */
import { HebbError } from '../../shared/model/errors.ts';

const FORMAT = 'hebb-split/1';

const BYTES = 8;

/** A set of contents, each given as the sha256 of a file in hex. */
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
      throw new HebbError('invalid_package', 'split.json holds what is no list of digests.');
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
  /** Trained on in the run that made the package. */
  readonly train: ContentSet;
  /** Measured on in that run. */
  readonly val: ContentSet;
  /** Trained on by the packages that it started from. */
  readonly earlier: ContentSet;
}

/** Whether the weights have seen an image, in this run or in one before. */
export const wasTrainedOn = ({ train, earlier }: RecordedSplit, sha256: string): boolean =>
  train.has(sha256) || earlier.has(sha256);

/** The split of a run, which may have started from a package with a split of its own. */
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
