/**
 * Streams results as NDJSON, each line as soon as it is ready.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { withinMs } from '../concurrency/within-ms.ts';
import type { ItemResult } from '../routing/result.ts';

export interface WriteOptions {
  /** After this long without a line an empty one is sent, as a keep-alive, ms. */
  readonly busyMs: number;
  /** Called when the client has disconnected. */
  readonly cancelled: () => void;
  /** Drains the rest of the request, after an error has ended the batch. */
  readonly drained: () => Promise<void>;
  /** Called at the end with the lines; undefined after an error. */
  readonly ended: (lines: string | undefined) => void;
  /** Whether `ended` needs the lines. */
  readonly keepLines: boolean;
}

/** Bytes of lines buffered ahead of the reader: most clients send everything before they read. */
const UNREAD_BYTES = 2e6;

/**
 * @param first the first result, which the caller has awaited so that an early error can be the answer
 */
export function writeResults(
  first: Promise<IteratorResult<ItemResult>>,
  results: AsyncGenerator<ItemResult>,
  { busyMs, cancelled, drained, ended, keepLines }: WriteOptions,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next: Promise<IteratorResult<ItemResult>> | undefined = first;
  let lines = '';
  let over = false;
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    try {
      next ??= results.next();
      const got = await withinMs(next, busyMs);
      if (over) return;
      if (!got) {
        controller.enqueue(encoder.encode('\n'));
        return;
      }
      next = undefined;
      if (got.done) {
        ended(lines);
        controller.close();
        return;
      }
      const line = `${JSON.stringify(got.value)}\n`;
      if (keepLines) lines += line;
      controller.enqueue(encoder.encode(line));
    } catch (error) {
      if (over) return; // the client has disconnected
      // The status has been sent: the error becomes a last line, without an index.
      ended(undefined);
      controller.enqueue(encoder.encode(`${JSON.stringify(known(error).toBody())}\n`));
      await drained();
      if (!over) controller.close();
    }
  };
  const strategy = new ByteLengthQueuingStrategy({ highWaterMark: UNREAD_BYTES });
  const cancel = () => {
    over = true;
    next?.catch(() => {});
    cancelled();
  };
  return new ReadableStream({ pull, cancel }, strategy);
}

function known(error: unknown): HebbError {
  if (error instanceof HebbError) return error;
  console.error(JSON.stringify({ level: 'error', event: 'batch_failed', cause: String(error) }));
  return new HebbError('internal', 'Something went wrong here.');
}
