/**
 * `open/` has a mark for every job with something left to do: work, a webhook, inputs to delete. The sweep
 * reads the marks instead of all jobs.
 * @module
 */
import { type JobBucket, listPages } from './bucket.ts';
import { OPEN, openKey } from './keys.ts';

export interface OpenMark {
  /** When the sweep checks the job next; ms since 1970, as all times here. */
  readonly lookAt: number;
  /** When its chunks were last queued. */
  readonly drivenAt: number;
  /** How often they were queued without progress in between. */
  readonly drives: number;
  /** Images done at that time. */
  readonly done: number;
}

export class OpenMarks {
  readonly #bucket: JobBucket;

  constructor(bucket: JobBucket) {
    this.#bucket = bucket;
  }

  async put(id: string, mark: OpenMark): Promise<void> {
    const entries = Object.entries(mark).map(([name, value]) => [name, String(value)] as const);
    await this.#bucket.put(openKey(id), '', { customMetadata: Object.fromEntries(entries) });
  }

  async delete(id: string): Promise<void> {
    await this.#bucket.delete(openKey(id));
  }

  /** All marks, read before any changes. */
  async list(): Promise<{ readonly id: string; readonly mark: OpenMark }[]> {
    const marks: { id: string; mark: OpenMark }[] = [];
    const options = { prefix: OPEN, include: ['customMetadata' as const] };
    for await (const { objects } of listPages(this.#bucket, options)) {
      for (const { key, customMetadata = {} } of objects) {
        const read = (name: keyof OpenMark) => Number(customMetadata[name] ?? 0);
        const mark = {
          lookAt: read('lookAt'),
          drivenAt: read('drivenAt'),
          drives: read('drives'),
          done: read('done'),
        };
        marks.push({ id: key.slice(OPEN.length), mark });
      }
    }
    return marks;
  }
}
