/**
 * A thread of a model host that writes one byte per second. It continues while the main thread computes a batch, and
 * stops when the process is suspended.
 *
 * Plain JavaScript: type stripping would take another 20 MB in each host (measured).
 * @module
 */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

const { fd, intervalMs } = workerData;

setInterval(() => {
  try {
    writeSync(fd, '.');
  } catch {
    process.exit(); // ends this thread: the server has ended, which the main thread notices too
  }
}, intervalMs);
