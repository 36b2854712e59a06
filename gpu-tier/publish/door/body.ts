import type { IncomingMessage } from 'node:http';

/** Float32 weights of 100,000 classes take 434 MB. */
const MAX_OBJECT_BYTES = 512 << 20;

/** The whole body, or an error: what is cut off is never stored. */
export async function readBody(request: IncomingMessage): Promise<ArrayBuffer> {
  const expected = Number(request.headers['content-length']);
  if (!(expected <= MAX_OBJECT_BYTES)) throw new Error(`a body of ${expected} bytes`);
  const body = new Uint8Array(expected);
  let at = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    body.set(chunk, at);
    at += chunk.length;
  }
  if (at !== expected) throw new Error(`${at} of ${expected} bytes came`);
  return body.buffer;
}
