/**
 * A thread of the input pipeline: answers jobs with samples.
 * @module
 */
import { parentPort, workerData } from 'node:worker_threads';
import { FileDecoder } from '@hebb/images/file';
import { type ErrorCode, HebbError } from '@hebb/model/errors';
import { type Job, type JobResult, makeSamples, type WorkerSettings } from './sample.ts';

/** Errors cross threads as plain data: a clone would lose the class. */
export interface Fault {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

export type Answer = { readonly id: number } & (
  | { readonly result: JobResult }
  | { readonly fault: Fault }
);

const settings = workerData as WorkerSettings;
const decoder = new FileDecoder();

parentPort?.on('message', (job: Job) => {
  const { id } = job;
  makeSamples(job, settings, decoder).then(
    (result) => parentPort?.postMessage({ id, result } satisfies Answer),
    (error: unknown) => parentPort?.postMessage({ id, fault: asFault(error) } satisfies Answer),
  );
});

function asFault(error: unknown): Fault {
  const known =
    error instanceof HebbError
      ? error
      : new HebbError(
          'internal',
          error instanceof Error ? (error.stack ?? error.message) : `${error}`,
        );
  return { code: known.code, message: known.message, hint: known.hint };
}
