/**
 * A job's results as NDJSON, line n being image n: as far as they go without a gap.
 * @module
 */
import type { Job } from './job.ts';
import { chunkCount } from './job.ts';
import type { JobStore } from './store.ts';

export interface Results {
  readonly body: ReadableStream<Uint8Array>;
  /** Where to go on: the offset behind the last line of `body`. */
  readonly next: number;
}

/** @param offset lines that are left out */
export async function openResults(store: JobStore, job: Job, offset: number): Promise<Results> {
  const done = await store.summaries(job.id);
  const first = Math.floor(offset / job.chunkSize);
  let end = first;
  while (end < chunkCount(job) && done.has(end)) end++;
  const next = Math.max(offset, Math.min(job.images, end * job.chunkSize));
  const encoder = new TextEncoder();
  let chunk = first;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (chunk >= end) return controller.close();
      const text = await store.resultsText(job.id, chunk);
      if (text === undefined) throw new Error(`The job ${job.id} was deleted.`);
      const skip = chunk === first ? offset - first * job.chunkSize : 0;
      chunk++;
      controller.enqueue(encoder.encode(withoutLines(text, skip)));
    },
  });
  return { body, next };
}

function withoutLines(text: string, count: number): string {
  let at = 0;
  for (let n = 0; n < count; n++) at = text.indexOf('\n', at) + 1;
  return text.slice(at);
}
