/**
 * Jobs: many images now, their results later.
 * @module
 */
import { lineSchema } from '../../../shared/model/api/classification.ts';
import { jobListSchema, jobStatusSchema } from '../../../shared/model/api/job.ts';
import { jobListQuery, jobQuery, jobResultsQuery } from '../../../shared/model/api/options.ts';
import { LIMITS } from '../../limits.ts';
import type { PathDescription } from '../description.ts';
import { manyImages, NDJSON } from '../media.ts';

export const jobs = {
  scope: 'batch',
  methods: {
    GET: {
      id: 'listJobs',
      tag: 'Jobs',
      summary: 'List jobs',
      description: 'The caller’s own, newest first; everybody’s with a key for admin.',
      query: jobListQuery,
      answer: {
        status: 200,
        description: 'A page of jobs.',
        content: { 'application/json': { schema: jobListSchema, example: 'jobList' } },
      },
    },
    POST: {
      id: 'createJob',
      tag: 'Jobs',
      summary: 'Classify many images in the background',
      description:
        'Answers once all images are stored. With an `Idempotency-Key` the same caller and key give the same job, and its images are not even read.',
      query: jobQuery(),
      headers: ['Idempotency-Key'],
      body: manyImages(LIMITS.jobs.images),
      answer: {
        status: 202,
        description: 'The job.',
        content: { 'application/json': { schema: jobStatusSchema, example: 'jobStatus' } },
        headers: ['Location', 'Idempotency-Replayed'],
      },
    },
  },
} as const satisfies PathDescription;

export const job = {
  scope: 'batch',
  methods: {
    GET: {
      id: 'showJob',
      tag: 'Jobs',
      summary: 'What became of a job',
      answer: {
        status: 200,
        description: 'All that is known of it.',
        content: { 'application/json': { schema: jobStatusSchema, example: 'jobStatus' } },
      },
    },
    DELETE: {
      id: 'deleteJob',
      tag: 'Jobs',
      summary: 'End a job',
      description: 'Ends the work, and deletes images and results.',
      answer: { status: 204, description: 'It is gone.' },
    },
  },
} as const satisfies PathDescription;

export const jobResults = {
  scope: 'batch',
  methods: {
    GET: {
      id: 'jobResults',
      tag: 'Jobs',
      summary: 'Results of a job',
      description:
        'The lines that are there, as far as they go without a gap: line n is image n. Who has read some goes on where `X-Hebb-Next-Offset` says.',
      query: jobResultsQuery(),
      answer: {
        status: 200,
        description: 'A line for each image that is done.',
        content: { [NDJSON]: { schema: lineSchema, example: 'jobResults' } },
        headers: ['X-Hebb-Next-Offset', 'X-Hebb-Job-State'],
      },
    },
  },
} as const satisfies PathDescription;

export const jobReplay = {
  scope: 'batch',
  methods: {
    POST: {
      id: 'replayJob',
      tag: 'Jobs',
      summary: 'Try again what kept failing',
      answer: {
        status: 202,
        description: 'The job.',
        content: { 'application/json': { schema: jobStatusSchema, example: 'jobStatus' } },
      },
    },
  },
} as const satisfies PathDescription;
