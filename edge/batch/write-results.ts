/**
 * Results as NDJSON, a line for each as soon as it is there.
 * @module
 */
import { HebbError } from '../../shared/model/errors.ts';
import { withinMs } from '../concurrency/within-ms.ts';
import type { ItemResult } from '../routing/result.ts';

export interface WriteOptions {
  /** After so long without a line an empty one is sent, so that nobody takes the connection for dead. */
  readonly busyMs: number;
  /** Nobody reads any more. */
  readonly cancelled: () => void;
  /** After a batch broke off: until its sender has sent the rest, and reads. */
  readonly drained: () => Promise<void>;
  /** All lines are there: their text, unless the batch broke off. */
  readonly ended: (lines: string | undefined) => void;
  /** Whether `ended` wants the text. */
  readonly keepLines: boolean;
}

/** Bytes of lines that are made without being read: most clients send everything before they read. */
const UNREAD_BYTES = 2e6;

/**
 * @param first what `results` gave first: it has been waited for, so that an error that comes before
 * any result can be the answer
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
      if (over) return; // nobody is left to hear of it
      // The status was sent long ago: a last line without an index says what ended the batch.
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
