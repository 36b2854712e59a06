import { jobThroughCrashes } from '@hebb/test/jobs/crash';
import { expect, it } from 'vitest';

it('finishes a job of 500 images on both tiers, though all processes are killed three times', async () => {
  const job = await jobThroughCrashes({ args: [], count: 500, kills: 3, first: 'gpu' });
  expect(job.state).toBe('completed');
  expect(job.tiers.gpu).toBeGreaterThan(0); // until the first kill
  expect(job.tiers.edge).toBeGreaterThan(0); // until the GPU tier was ready again
  expect(job.images).toEqual({ total: 500, done: 500, succeeded: 500, failed: 0, dead: 0 });
}, 600_000);
