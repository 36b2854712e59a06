/**
 * Answers of batches with an Idempotency-Key, in R2: `batches/SHA-256` is first the claim of the request
 * that does the work, then the lines of its answer.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { sha256Text } from '@hebb/model/package/manifest';
import { deleteAll, type JobBucket, type PutOptions } from '../jobs/bucket.ts';

const FOLDER = 'batches/';

export interface ReplayOptions {
  readonly bucket: JobBucket;
  /** How long answers are kept, ms. */
  readonly keepMs: number;
  /** A claim older than this was left by a request that was cut off, ms. */
  readonly claimMs: number;
  /** Ms since 1970. */
  readonly now: () => number;
}

interface Metadata {
  readonly state: 'running' | 'done';
  /** Ms since 1970. */
  readonly at: string;
  /** SHA-256 of the options, to distinguish a repetition from another request. */
  readonly asked: string;
}

/** The right to do the work. */
export interface Claim {
  /** Stores the answer for repetitions. */
  finish(lines: string): Promise<void>;
  /** Deletes the claim: a repetition does the work again. */
  drop(): Promise<void>;
}

export class Replays {
  readonly #options: ReplayOptions;

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  /**
   * The stored lines, or a claim to do the work. Throws `batch_running`,
   * `idempotency_reused`.
   */
  async claim(digest: string, asked: string): Promise<{ lines: string } | { claim: Claim }> {
    const { bucket, keepMs, claimMs, now } = this.#options;
    const key = `${FOLDER}${digest}`;
    // A query may be longer than an object's metadata.
    const question = await sha256Text(asked);
    for (;;) {
      const found = await bucket.get(key);
      const metadata = found?.customMetadata as unknown as Metadata | undefined;
      const age = metadata ? now() - Number(metadata.at) : Infinity;
      const over = metadata?.state === 'done' ? age > keepMs : age > claimMs;
      if (found && metadata && !over) {
        if (metadata.asked !== question) throw reused();
        if (metadata.state === 'done') return { lines: await found.text() };
        throw new HebbError('batch_running', 'The batch with this Idempotency-Key is running.');
      }
      // Of several requests that find nothing, or the same expired entry, only one succeeds.
      const onlyIf = new Headers(found ? { 'If-Match': found.httpEtag } : { 'If-None-Match': '*' });
      const mine = await bucket.put(key, crypto.randomUUID(), {
        onlyIf,
        ...this.#metadata('running', question),
      });
      if (mine) return { claim: this.#claim(key, question) };
    }
  }

  #claim(key: string, asked: string): Claim {
    const { bucket } = this.#options;
    return {
      finish: async (lines) => {
        await bucket.put(key, lines, this.#metadata('done', asked));
        await this.#tidy();
      },
      drop: () => bucket.delete(key),
    };
  }

  #metadata(state: Metadata['state'], asked: string): PutOptions {
    return { customMetadata: { state, at: String(this.#options.now()), asked } };
  }

  /** Deletes expired answers, a page of the listing at a time. */
  async #tidy(): Promise<void> {
    const { bucket, keepMs, now } = this.#options;
    const { objects } = await bucket.list({ prefix: FOLDER, include: ['customMetadata'] });
    const old = objects.filter((object) => now() - Number(object.customMetadata?.at) > keepMs);
    await deleteAll(
      bucket,
      old.map(({ key }) => key),
    );
  }
}

const reused = () =>
  new HebbError('idempotency_reused', 'The batch with this Idempotency-Key had other options.');
