/** Gives a body back to whoever drains it; one whose next bytes are waited for is given up. */
export function leave(reader: ReadableStreamDefaultReader | ReadableStreamBYOBReader): void {
  try {
    reader.releaseLock();
  } catch {
    reader.cancel().catch(() => {}); // broken already
  }
}
