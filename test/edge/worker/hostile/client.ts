/**
 * A thread that sends a hostile body repeatedly, until it receives a message.
 * @module
 */
import { Readable } from 'node:stream';
import { parentPort, workerData } from 'node:worker_threads';
import { HOSTILE } from './bodies.ts';

const { url, name } = workerData as { url: string; name: string };
const { path, type, pieces } = HOSTILE[name]!;
const ends = new AbortController();
parentPort!.once('message', () => ends.abort());

while (!ends.signal.aborted) {
  try {
    const body = Readable.toWeb(Readable.from(pieces()));
    const headers = { 'Content-Type': type };
    const sending = fetch(new URL(path, url), {
      method: 'POST',
      headers,
      body,
      duplex: 'half',
      signal: ends.signal,
    } as RequestInit);
    parentPort!.postMessage('sending');
    await (await sending).text();
  } catch {
    // It was stopped, or the Worker cancelled the body because it is too long.
  }
}
parentPort!.close();
