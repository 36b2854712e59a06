import { deferred } from '@hebb/model/node20';

/** Longest line, characters: a thousand predictions have a tenth of that. */
const MAX_LINE = 1_000_000;
/** Idle timeout, ms: the service sends an empty line every ten seconds. */
const IDLE_MS = 60_000;

/** The lines of an answer as they arrive, without empty ones. Throws if the answer breaks off. */
export async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await inTime(reader.read());
      const lines = (rest + decoder.decode(value, { stream: !done })).split('\n');
      rest = done ? '' : lines.pop()!;
      if (rest.length > MAX_LINE) throw new RangeError(`A line is longer than ${MAX_LINE}.`);
      yield* lines.filter((line) => line.trim() !== '');
      if (done) return;
    }
  } finally {
    // A reader that stops cancels the work.
    await reader.cancel().catch(() => {});
  }
}

async function inTime<T>(promise: Promise<T>): Promise<T> {
  const { promise: over, reject } = deferred<never>();
  const timer = setTimeout(() => reject(new Error(`Nothing came for ${IDLE_MS} ms.`)), IDLE_MS);
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}
