/**
 * A thread of a model host that writes a byte a second. It goes on while the main thread computes a batch,
 * however long that takes, and stands still when the process does.
 * @module
 */
import { writeSync } from 'node:fs';
import { PULSE_FD, PULSE_MS } from './silence.ts';

setInterval(() => {
  try {
    writeSync(PULSE_FD, '.');
  } catch {
    process.exit(); // of this thread: the server is gone, which the main thread hears too
  }
}, PULSE_MS);
