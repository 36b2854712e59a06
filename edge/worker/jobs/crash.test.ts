import { jobThroughCrashes } from '@hebb/test/jobs/crash';
import { expect, it } from 'vitest';

it('finishes a job of 40 images with a line for each, though all processes are killed meanwhile', async () => {
  const job = await jobThroughCrashes({
    args: ['--edge-only'],
    count: 40,
    kills: 1,
    first: 'edge',
  });
  expect(job.state).toBe('completed');
  expect(job.images).toEqual({ total: 40, done: 40, succeeded: 40, failed: 0, dead: 0 });
});
