/**
 * A thread of a model host that writes a byte a second. It goes on while the main thread computes a batch,
 * however long that takes, and stands still when the process does.
 *
 * Plain JavaScript: Node's reader of TypeScript would take another 20 MB in each host (measured).
 * @module
 */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

const { fd, intervalMs } = workerData;

setInterval(() => {
  try {
    writeSync(fd, '.');
  } catch {
    process.exit(); // of this thread: the server is gone, which the main thread hears too
  }
}, intervalMs);
