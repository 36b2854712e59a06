/**
 * The layout of the bucket JOBS, the only state of jobs. Keys are derived from the job's id, so repeating
 * a step writes the same object again.
 *
 *     open/ID                       present while work is left: when the sweep checks the job
 *     jobs/ID/job.json              the request; written when all inputs are stored
 *     jobs/ID/inputs/000123         an encoded image, or the error in its place
 *     jobs/ID/partial/0003          final lines of a chunk whose other images are retried
 *     jobs/ID/results/0003          all lines of a chunk: NDJSON, with counts as metadata
 *     jobs/ID/dead/0003             images of the chunk that failed for good, with the error
 *     jobs/ID/end.json              how the job ended
 *     jobs/ID/webhook.json          how the delivery of the webhook ended
 *     owners/OWNER/ID               index of jobs by caller
 *     idempotency/SHA-256           the job of a caller's Idempotency-Key
 *
 * @module
 */

export const JOBS = 'jobs/';
export const OPEN = 'open/';

export const jobFolder = (id: string): string => `${JOBS}${id}/`;
export const openKey = (id: string): string => `${OPEN}${id}`;
export const ownerFolder = (owner: string): string => `owners/${owner}/`;
export const idempotencyKey = (digest: string): string => `idempotency/${digest}`;

export type JobFile = 'job.json' | 'end.json' | 'webhook.json';
export const fileKey = (id: string, file: JobFile): string => `${jobFolder(id)}${file}`;

export const inputsFolder = (id: string): string => `${jobFolder(id)}inputs/`;
export const inputKey = (id: string, index: number): string =>
  `${inputsFolder(id)}${String(index).padStart(6, '0')}`;

export type ChunkFolder = 'partial' | 'results' | 'dead';
export const chunkFolder = (id: string, folder: ChunkFolder): string =>
  `${jobFolder(id)}${folder}/`;
export const chunkKey = (id: string, folder: ChunkFolder, chunk: number): string =>
  `${chunkFolder(id, folder)}${String(chunk).padStart(4, '0')}`;

/** The index at the end of an input's or chunk's key. */
export const numberOf = (key: string): number => Number(key.slice(key.lastIndexOf('/') + 1));
