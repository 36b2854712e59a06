/**
 * A model host: a process that holds one model and computes one batch at a time. `startHostProcess` starts it and
 * communicates over file descriptor 3.
 * @module
 */
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { HebbError } from '@hebb/model';
import { createRunner } from '@hebb/tensorflow/backend/create-runner';
import { createFrameReader, writeFrame } from './frames.ts';
import type { FailedMessage, HostConfig, RunMessage } from './messages.ts';
import { PULSE_FD, PULSE_MS } from './silence.ts';
import { allowedSizes, runBatch, warmUp } from './work.ts';

// Ctrl-C reaches the whole process group, but the server decides when its hosts end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

// Started first: loading and warming up a model blocks this thread for seconds.
const pulse = { fd: PULSE_FD, intervalMs: PULSE_MS };
new Worker(new URL('./pulse.js', import.meta.url), { workerData: pulse }).unref();

const socket = new Socket({ fd: 3, readable: true, writable: true });
// The server has closed the channel or has ended.
socket.on('end', () => process.exit(0)).on('error', () => process.exit(0));

function failure(error: unknown, id?: number): FailedMessage {
  const known = error instanceof HebbError;
  const message = error instanceof Error ? error.message : String(error);
  if (!known) console.error(error);
  const { code, hint } = known ? error : new HebbError('internal', message);
  return { type: 'failed', code, message, hint, ...(id === undefined ? {} : { id }) };
}

try {
  const config = JSON.parse(process.argv[2] ?? '{}') as HostConfig;
  const model = await createRunner(config);
  const sizes = allowedSizes(config, model.batchSizes);
  const began = performance.now();
  const timings = warmUp(model, sizes ?? [1]);
  socket.on(
    'data',
    createFrameReader<RunMessage>(({ header, body }) => {
      try {
        const { message, parts } = runBatch(model.runner, header, body);
        writeFrame(socket, message, parts);
      } catch (error) {
        writeFrame(socket, failure(error, header.id));
      }
    }),
  );
  writeFrame(socket, {
    type: 'ready',
    batchSizes: sizes ?? null,
    warmUpMs: performance.now() - began,
    timings,
    rss: process.memoryUsage.rss(),
  });
} catch (error) {
  writeFrame(socket, failure(error));
  socket.end(() => process.exit(1));
}
