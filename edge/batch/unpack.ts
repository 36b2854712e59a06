/**
 * Gzip (RFC 1952), unpacked as it comes.
 * @module
 */
import { leave } from '../body/leave.ts';
import { withinMs } from '../concurrency/within-ms.ts';

export interface Unpacked {
  readonly stream: ReadableStream<Uint8Array>;
  /** Reads no more of the body, and gives it back to whoever drains it. */
  leave(): Promise<void>;
}

/** How long the next piece of the body is waited for, which is asked for already. */
const LEAVE_MS = 1_000;

/** Not `pipeThrough`: workerd's lets the body go some time after it ended, or cancels it. */
export function unpack(body: ReadableStream<Uint8Array>): Unpacked {
  const { readable, writable } = new DecompressionStream('gzip');
  const reader = body.getReader();
  const pumped = pump(reader, writable.getWriter());
  return {
    stream: readable,
    async leave() {
      readable.cancel().catch(() => {}); // broken already; it makes the next write fail
      await withinMs(pumped, LEAVE_MS);
      leave(reader);
    },
  };
}

async function pump(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  writer: WritableStreamDefaultWriter<BufferSource>,
): Promise<void> {
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      await writer.write(value as Uint8Array<ArrayBuffer>);
    }
    await writer.close();
  } catch (error) {
    writer.abort(error).catch(() => {}); // whoever reads the stream hears of it
  }
}
