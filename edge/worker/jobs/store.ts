/**
 * Reads and writes jobs in the bucket. keys.ts has the layout.
 * @module
 */
import {
  deleteAll,
  getJson,
  type JobBucket,
  listObjects,
  listPages,
  putNew,
  type StoredObject,
} from './bucket.ts';
import type { DeadLetter, Job, JobEnd, WebhookEnd } from './job.ts';
import * as keys from './keys.ts';
import {
  type ChunkSummary,
  fromMetadata,
  type Line,
  parseNdjson,
  toMetadata,
  toNdjson,
} from './line.ts';

const RESULTS_TYPE = 'application/x-ndjson';

export class JobStore {
  readonly bucket: JobBucket;

  constructor(bucket: JobBucket) {
    this.bucket = bucket;
  }

  // -- the job --

  async job(id: string): Promise<Job | undefined> {
    return await getJson<Job>(this.bucket, keys.fileKey(id, 'job.json'));
  }

  async exists(id: string): Promise<boolean> {
    return (await this.bucket.head(keys.fileKey(id, 'job.json'))) !== null;
  }

  async putJob(job: Job): Promise<void> {
    await this.bucket.put(keys.ownerFolder(job.owner) + job.id, '');
    await this.bucket.put(keys.fileKey(job.id, 'job.json'), JSON.stringify(job));
  }

  async end(id: string): Promise<JobEnd | undefined> {
    return await getJson<JobEnd>(this.bucket, keys.fileKey(id, 'end.json'));
  }

  /** False if the job has ended already. */
  async putEnd(id: string, end: JobEnd): Promise<boolean> {
    return await putNew(this.bucket, keys.fileKey(id, 'end.json'), JSON.stringify(end));
  }

  async webhookEnd(id: string): Promise<WebhookEnd | undefined> {
    return await getJson<WebhookEnd>(this.bucket, keys.fileKey(id, 'webhook.json'));
  }

  async putWebhookEnd(id: string, end: WebhookEnd): Promise<void> {
    await this.bucket.put(keys.fileKey(id, 'webhook.json'), JSON.stringify(end));
  }

  /** Deletes the end, for a replay. */
  async reopen(id: string): Promise<void> {
    await this.bucket.delete([keys.fileKey(id, 'end.json'), keys.fileKey(id, 'webhook.json')]);
  }

  /** Ids, newest first. @param startAfter an id, or `afterTime` */
  async *ids(startAfter?: string): AsyncGenerator<string> {
    // '~' sorts after the '/' of a folder's keys: skips that job's own.
    const after = startAfter !== undefined && { startAfter: `${keys.JOBS}${startAfter}~` };
    const options = { prefix: keys.JOBS, delimiter: '/', ...after };
    for await (const { delimitedPrefixes } of listPages(this.bucket, options)) {
      for (const folder of delimitedPrefixes) yield folder.slice(keys.JOBS.length, -1);
    }
  }

  /** Ids of one owner's jobs, newest first. */
  async *idsOf(owner: string, startAfter?: string): AsyncGenerator<string> {
    const prefix = keys.ownerFolder(owner);
    const after = startAfter !== undefined && { startAfter: prefix + startAfter };
    for await (const { objects } of listPages(this.bucket, { prefix, ...after })) {
      for (const { key } of objects) yield key.slice(prefix.length);
    }
  }

  /**
   * Deletes all objects of a job. `job.json` first: a concurrent writer that finds it gone afterwards
   * calls `remove` again.
   */
  async remove(id: string): Promise<void> {
    const job = await this.job(id);
    await this.bucket.delete(keys.fileKey(id, 'job.json'));
    if (job) await this.bucket.delete(keys.ownerFolder(job.owner) + id);
    if (job?.idempotency) await this.#forgetKey(job.idempotency, id);
    const objects = await listObjects(this.bucket, { prefix: keys.jobFolder(id) });
    await deleteAll(
      this.bucket,
      objects.map(({ key }) => key),
    );
    await this.bucket.delete(keys.openKey(id));
  }

  // -- idempotency --

  async idOfKey(digest: string): Promise<string | undefined> {
    return await (await this.bucket.get(keys.idempotencyKey(digest)))?.text();
  }

  /** Assigns the key to this job, unless an existing job has it. Returns the id of the key's job. */
  async claimKey(digest: string, id: string): Promise<string> {
    const key = keys.idempotencyKey(digest);
    for (;;) {
      if (await putNew(this.bucket, key, id)) return id;
      const object = await this.bucket.get(key);
      if (!object) continue; // it has just been deleted
      const owner = await object.text();
      if (owner === id || (await this.exists(owner))) return owner;
      const onlyIf = new Headers({ 'If-Match': object.httpEtag });
      if (await this.bucket.put(key, id, { onlyIf })) return id;
    }
  }

  async #forgetKey(digest: string, id: string): Promise<void> {
    if ((await this.idOfKey(digest)) === id) await this.bucket.delete(keys.idempotencyKey(digest));
  }

  // -- chunks --

  /** Counts of finished chunks, by chunk. */
  async summaries(id: string): Promise<Map<number, ChunkSummary>> {
    const objects = await this.#chunks(id, 'results');
    return new Map(objects.map((o) => [keys.numberOf(o.key), fromMetadata(o.customMetadata)]));
  }

  async lines(id: string, folder: 'results' | 'partial', chunk: number) {
    const object = await this.bucket.get(keys.chunkKey(id, folder, chunk));
    return object ? parseNdjson(await object.text()) : undefined;
  }

  async resultsText(id: string, chunk: number): Promise<string | undefined> {
    return await (await this.bucket.get(keys.chunkKey(id, 'results', chunk)))?.text();
  }

  /**
   * Stores all lines of a chunk, unless it has results and `replace` is false; deletes the partial
   * lines of earlier attempts.
   */
  async putResults(
    id: string,
    chunk: number,
    lines: readonly Line[],
    summary: ChunkSummary,
    { replace }: { replace: boolean },
  ): Promise<void> {
    const options = {
      httpMetadata: { contentType: RESULTS_TYPE },
      customMetadata: toMetadata(summary),
    };
    const key = keys.chunkKey(id, 'results', chunk);
    if (replace) await this.bucket.put(key, toNdjson(lines), options);
    else await putNew(this.bucket, key, toNdjson(lines), options);
    await this.bucket.delete(keys.chunkKey(id, 'partial', chunk));
  }

  async putPartial(id: string, chunk: number, lines: readonly Line[]): Promise<void> {
    await this.bucket.put(keys.chunkKey(id, 'partial', chunk), toNdjson(lines));
  }

  async deadLetter(id: string, chunk: number): Promise<DeadLetter | undefined> {
    return await getJson<DeadLetter>(this.bucket, keys.chunkKey(id, 'dead', chunk));
  }

  async putDeadLetter(id: string, chunk: number, letter: DeadLetter): Promise<void> {
    await this.bucket.put(keys.chunkKey(id, 'dead', chunk), JSON.stringify(letter));
  }

  async deleteDeadLetter(id: string, chunk: number): Promise<void> {
    await this.bucket.delete(keys.chunkKey(id, 'dead', chunk));
  }

  /** Dead letters by chunk. */
  async deadLetters(id: string): Promise<Map<number, DeadLetter>> {
    const letters = new Map<number, DeadLetter>();
    for (const { key } of await this.#chunks(id, 'dead')) {
      const letter = await getJson<DeadLetter>(this.bucket, key);
      if (letter) letters.set(keys.numberOf(key), letter);
    }
    return letters;
  }

  async #chunks(id: string, folder: keys.ChunkFolder): Promise<StoredObject[]> {
    const prefix = keys.chunkFolder(id, folder);
    return await listObjects(this.bucket, { prefix, include: ['customMetadata'] });
  }
}
