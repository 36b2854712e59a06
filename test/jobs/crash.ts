/**
 * The promise of jobs: whatever is killed and whenever, each image has one line in the end.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ROOT } from '../../scripts/worker/bundle.ts';
import type { JobStatus } from '../../shared/model/jobs/status.ts';
import { freePort } from '../support/free-port.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { ended, jobWhen, ndjson, postJob, results } from './client.ts';
import { READY, startServer } from './server.ts';

export interface CrashOptions {
  /** After `npm start --`. */
  readonly args: readonly string[];
  /** How many images, of flowers that the built-in model knows. */
  readonly count: number;
  /** How often everything is killed on the way. */
  readonly kills: number;
  /** Which tier has to be ready before the job is made; afterwards the edge is enough. */
  readonly first: keyof typeof READY;
}

/** Makes a job, kills everything again and again, and returns what became of the job. */
export async function jobThroughCrashes(options: CrashOptions): Promise<JobStatus> {
  const { args, count, kills, first } = options;
  const images = await flowers(count);
  const port = await freePort();
  const env = {
    HEBB_STATE: await temporaryFolder(),
    HEBB_GPU_PORT: String(await freePort()),
    HEBB_CACHE_SECONDS: '0', // they are few images, again and again
  };
  let server = await startServer({ port, args, env, ready: READY[first] });
  const { status } = await postJob(
    server.fetch,
    ndjson(images.map(({ name, image }) => ({ name, image }))),
  );
  const { id } = status;
  expect(status.images.total).toBe(images.length);
  let [before, read] = [0, await results(server.fetch, id)];
  for (let kill = 0; kill < kills; kill++) {
    const more = ({ images: { done } }: JobStatus) => done > before;
    const { state, images: counts } = await jobWhen(server.fetch, id, more);
    expect(state).toBe('running'); // in the middle
    before = counts.done;
    const { lines, next } = await results(server.fetch, id, read.next);
    read = { ...read, next, lines: [...read.lines, ...lines] };
    await server.kill();
    server = await startServer({ port, args, env, ready: READY.edge });
  }
  const end = await jobWhen(server.fetch, id, ended);
  const { lines: all } = await results(server.fetch, id);
  expect(all.map(({ index, name, predictions }) => [index, name, predictions?.[0]?.label])).toEqual(
    images.map(({ name, label }, index) => [index, name, label]),
  );
  // What was read before the end is what is there in the end: a reader may go on where it was.
  expect(all.slice(0, read.lines.length)).toEqual(read.lines);
  await server.stop();
  return end;
}

async function flowers(count: number) {
  const labels = Object.entries({ sunflower: 'sunflowers', daisy: 'daisy', tulips: 'tulips' });
  const samples = await Promise.all(
    labels.map(async ([file, label]) => {
      return { label, image: await readFile(join(ROOT, 'test', 'samples', `${file}.jpg`)) };
    }),
  );
  return Array.from({ length: count }, (_, n) => ({ name: `${n}.jpg`, ...samples[n % 3]! }));
}
