/**
 * The guarantee of jobs: each image gets exactly one line, regardless of which processes are killed and when.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '@hebb/local/bundle';
import type { JobStatus } from '@hebb/protocol/jobs/status';
import { expect } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { ended, jobWhen, ndjson, postJob, results } from './client.ts';
import { READY, startServer } from './server.ts';

export interface CrashOptions {
  /** After `npm start --`. */
  readonly args: readonly string[];
  /** Number of images. They show flowers that the built-in model knows. */
  readonly count: number;
  /** How often all processes are killed during the job. */
  readonly kills: number;
  /** The tier that must be ready before the job is created. After a restart the edge is enough. */
  readonly first: keyof typeof READY;
}

/** Creates a job, kills all processes repeatedly, and returns the job's final status. */
export async function jobThroughCrashes(options: CrashOptions): Promise<JobStatus> {
  const { args, count, kills, first } = options;
  const images = await flowers(count);
  const port = await freePort();
  const env = {
    HEBB_STATE: await temporaryFolder(),
    HEBB_GPU_PORT: String(await freePort()),
    HEBB_CACHE_SECONDS: '0', // the images repeat
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
    expect(state).toBe('running'); // not finished yet
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
  // Lines that were read early equal the final ones, so that a reader can resume.
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
