/**
 * How the bucket JOBS is laid out. Everything that is known of a job lies here, under names that
 * follow from its id: doing a piece of work twice writes the same object twice.
 *
 *     open/ID                       until nothing is left to do: what the sweep looks at, and when
 *     jobs/ID/job.json              what was asked; written last, when all inputs are there
 *     jobs/ID/inputs/000123         an encoded image, or why there is none
 *     jobs/ID/partial/0003          lines of a chunk of which some images have to be tried again
 *     jobs/ID/results/0003          a chunk's lines, all of them: NDJSON, with counts as metadata
 *     jobs/ID/dead/0003             images of the chunk that kept failing, and why
 *     jobs/ID/end.json              that the job has ended, and how
 *     jobs/ID/webhook.json          that its webhook was delivered, or given up
 *     owners/OWNER/ID               whose job it is, so that listing one's own reads no others
 *     idempotency/SHA-256           which job answers a caller's Idempotency-Key
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

/** The number at the end of a key of an input or a chunk. */
export const numberOf = (key: string): number => Number(key.slice(key.lastIndexOf('/') + 1));
